package io.clientele.gateway;

import com.google.rpc.Code;
import com.google.rpc.Status;
import io.clientele.grpc.ErrorPolicy;
import io.clientele.grpc.PreconditionException;
import java.nio.FloatBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Splits the outputs of a batch into its rows, and tells which model has none and why. An output is
 * taken only from the version whose meaning is known. Not thread-safe.
 */
final class BatchOutputs {
  private static final int[] NONE = {};

  private final Models models;
  private final FeatureMatrix matrix;
  private final List<ModelOutputs> outputs;
  private final long readNs;
  private final @Nullable Status[] errors;
  private final @Nullable FloatBuffer[] floats;

  /**
   * @param outputs one a model of {@code models.running()}, in that order; none where no row is
   *     known
   * @param readNs when the load began
   */
  BatchOutputs(Models models, FeatureMatrix matrix, List<ModelOutputs> outputs, long readNs) {
    this.models = models;
    this.matrix = matrix;
    this.outputs = outputs;
    this.readNs = readNs;
    errors = new @Nullable Status[outputs.size()];
    floats = new @Nullable FloatBuffer[outputs.size()];
    for (int m = 0; m < errors.length; m++) {
      errors[m] = errorOf(models.running().get(m), outputs.get(m));
      floats[m] = errors[m] == null ? outputs.get(m).floats() : null;
    }
  }

  /** Whether each version that answered is the one that is known. */
  static boolean versionsMatch(Models models, List<ModelOutputs> outputs) {
    for (int m = 0; m < outputs.size(); m++) {
      String version = outputs.get(m).version();
      if (!version.isEmpty() && !version.equals(models.running().get(m).version())) {
        return false;
      }
    }
    return true;
  }

  /** What is known of the customer in this row. */
  Scored row(int row) {
    if (!matrix.knows(row)) {
      return new Scored(
          models, false, 0, matrix.asOf(), readNs, new float[0], NONE, NONE, new Status[0]);
    }
    float[] values = new float[models.width()];
    int[] missing = new int[errors.length];
    @Nullable Status[] rowErrors = errors;
    boolean allFinite = true;
    int offset = 0;
    for (int m = 0; m < errors.length; m++) {
      int width = models.running().get(m).width();
      FloatBuffer source = floats[m];
      if (source != null) {
        source.get(row * width, values, offset, width);
        missing[m] = outputs.get(m).missingInputs().get(row);
        if (!areFinite(values, offset, width)) {
          rowErrors = allFinite ? errors.clone() : rowErrors;
          allFinite = false;
          rowErrors[m] =
              internal("model " + models.running().get(m).name() + ": an output is not finite");
        }
      }
      offset += width;
    }
    return new Scored(
        models,
        true,
        matrix.versions().get(row),
        matrix.asOf(),
        readNs,
        values,
        missing,
        staleInputs(row),
        rowErrors);
  }

  /** One a model that runs; none where nothing is stale. */
  private int[] staleInputs(int row) {
    if (!matrix.hasStale()) {
      return NONE;
    }
    int[] stale = new int[errors.length];
    for (int m = 0; m < stale.length; m++) {
      for (int column : models.inputColumns(m)) {
        stale[m] += matrix.isStale(row, column) ? 1 : 0;
      }
    }
    return stale;
  }

  private static @Nullable Status errorOf(ServedModel model, ModelOutputs outputs) {
    if (outputs.error() != null) {
      return outputs.error();
    }
    if (!outputs.version().equals(model.version())) {
      return ErrorPolicy.toRpcStatus(
          new PreconditionException(
              "model " + model.name(),
              "version %s ran (expected: %s)".formatted(outputs.version(), model.version())));
    }
    if (outputs.width() != model.width()) {
      return internal(
          "model %s: %d outputs (expected: %d)"
              .formatted(model.name(), outputs.width(), model.width()));
    }
    return null;
  }

  private static boolean areFinite(float[] values, int offset, int width) {
    for (int i = offset; i < offset + width; i++) {
      if (!Float.isFinite(values[i])) {
        return false;
      }
    }
    return true;
  }

  private static Status internal(String message) {
    return Status.newBuilder().setCode(Code.INTERNAL_VALUE).setMessage(message).build();
  }
}
