package io.clientele.scorer.inference;

import com.google.protobuf.ByteString;
import com.google.rpc.Status;
import org.jspecify.annotations.Nullable;

/** What one model answers to one request: its outputs, or why there are none. Immutable. */
public final class ModelOutput {
  private final OnnxModel model;
  private final ByteString values;
  private final int[] missing;
  private final @Nullable Status error;

  private ModelOutput(OnnxModel model, ByteString values, int[] missing, @Nullable Status error) {
    this.model = model;
    this.values = values;
    this.missing = missing;
    this.error = error;
  }

  static ModelOutput of(OnnxModel model, ByteString values, int[] missing) {
    return new ModelOutput(model, values, missing, null);
  }

  static ModelOutput failed(OnnxModel model, Status error) {
    return new ModelOutput(model, ByteString.EMPTY, new int[0], error);
  }

  public OnnxModel model() {
    return model;
  }

  /** R × W float32, little-endian; empty where there is an error. */
  public ByteString values() {
    return values;
  }

  /** R, or 0 where there is an error. */
  public int rows() {
    return missing.length;
  }

  /** How many of the model's inputs were not present in this row. */
  public int missing(int row) {
    return missing[row];
  }

  public @Nullable Status error() {
    return error;
  }
}
