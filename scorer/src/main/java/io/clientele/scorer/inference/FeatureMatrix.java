package io.clientele.scorer.inference;

import com.google.protobuf.ByteString;
import io.clientele.grpc.InvalidRequestException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * R rows of C features as they came over the wire: little-endian float32, row by row, and a bitmap
 * of which are present. Every present value is finite. Immutable; the values are not copied.
 */
public final class FeatureMatrix {
  public static final int MAX_ROWS = 1024;
  private static final int EXPONENT_BITS = 0x7f80_0000;

  private final int rows;
  private final int columns;
  private final FloatBuffer values;
  private final @Nullable ByteString presence;
  private final int presenceStride;

  private FeatureMatrix(int rows, int columns, FloatBuffer values, @Nullable ByteString presence) {
    this.rows = rows;
    this.columns = columns;
    this.values = values;
    this.presence = presence;
    this.presenceStride = presenceStride(columns);
  }

  private static int presenceStride(int columns) {
    return (columns + 7) / 8;
  }

  /**
   * Reads a matrix.
   *
   * @param columns the C names
   * @param values R × C × 4 bytes
   * @param presence R × ceil(C / 8) bytes, or none where all are present
   * @throws InvalidRequestException if a size does not fit or a present value is not finite
   */
  public static FeatureMatrix of(
      int rows, List<String> columns, ByteString values, ByteString presence) {
    if (rows < 1 || rows > MAX_ROWS) {
      throw new InvalidRequestException("rows", rows + " (expected: 1.." + MAX_ROWS + ")");
    }
    int width = columns.size();
    requireSize("values", values, (long) rows * width * Float.BYTES, rows, width);
    if (!presence.isEmpty()) {
      requireSize("presence", presence, (long) rows * presenceStride(width), rows, width);
    }
    FeatureMatrix matrix =
        new FeatureMatrix(
            rows,
            width,
            values.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer(),
            presence.isEmpty() ? null : presence);
    matrix.requireFinite(columns);
    return matrix;
  }

  private static void requireSize(
      String field, ByteString actual, long expectedBytes, int rows, int columns) {
    if (actual.size() != expectedBytes) {
      throw new InvalidRequestException(
          field,
          ("size: " + actual.size() + " bytes (expected: " + expectedBytes)
              + (" for " + rows + " rows of " + columns + " columns)"));
    }
  }

  private void requireFinite(List<String> names) {
    int cells = rows * columns;
    for (int cell = 0; cell < cells; cell++) {
      float value = values.get(cell);
      boolean finite = (Float.floatToRawIntBits(value) & EXPONENT_BITS) != EXPONENT_BITS;
      if (!finite && isPresent(cell / columns, cell % columns)) {
        throw new InvalidRequestException(
            "values",
            ("row " + cell / columns + ", column " + names.get(cell % columns))
                + (": " + value + " (expected: a finite number)"));
      }
    }
  }

  public int rows() {
    return rows;
  }

  int columns() {
    return columns;
  }

  float value(int row, int column) {
    return values.get(row * columns + column);
  }

  boolean isPresent(int row, int column) {
    return presence == null
        || (presence.byteAt(row * presenceStride + (column >> 3)) >> (column & 7) & 1) != 0;
  }

  /** Whether the caller said which values are present; if not, all are. */
  boolean hasPresence() {
    return presence != null;
  }

  /** Copies all rows as they are, present or not. */
  void copyTo(FloatBuffer target, int offset) {
    target.put(offset, values, 0, rows * columns);
  }
}
