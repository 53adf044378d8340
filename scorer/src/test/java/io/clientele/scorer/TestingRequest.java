package io.clientele.scorer;

import com.google.protobuf.ByteString;
import io.clientele.scorer.v1.InferRequest;
import io.clientele.scorer.v1.ModelResult;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Builds requests from rows and reads results back, where null in a row stands for a gap. */
public final class TestingRequest {
  private TestingRequest() {}

  /** All values are present. */
  public static InferRequest.Builder of(List<String> columns, float[]... rows) {
    return InferRequest.newBuilder()
        .addAllColumns(columns)
        .setRows(rows.length)
        .setValues(bytes(rows));
  }

  /** The values that are marked absent are sent as NaN, which nobody may look at. */
  public static InferRequest.Builder of(
      List<String> columns, boolean[][] present, float[]... rows) {
    int stride = (columns.size() + 7) / 8;
    byte[] bits = new byte[rows.length * stride];
    float[][] gaps = new float[rows.length][];
    for (int r = 0; r < rows.length; r++) {
      gaps[r] = rows[r].clone();
      for (int c = 0; c < columns.size(); c++) {
        if (present[r][c]) {
          bits[r * stride + c / 8] |= (byte) (1 << (c % 8));
        } else {
          gaps[r][c] = Float.NaN;
        }
      }
    }
    return of(columns, gaps).setPresence(ByteString.copyFrom(bits));
  }

  /** Rows as little-endian float32. */
  public static ByteString bytes(float[]... rows) {
    int cells = 0;
    for (float[] row : rows) {
      cells += row.length;
    }
    ByteBuffer bytes = ByteBuffer.allocate(cells * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float[] row : rows) {
      for (float value : row) {
        bytes.putFloat(value);
      }
    }
    return ByteString.copyFrom(bytes.flip());
  }

  /** The outputs of one row of a result. */
  public static float[] row(ModelResult result, int row) {
    return row(result.getValues(), result.getWidth(), row);
  }

  public static float[] row(ByteString values, int width, int row) {
    float[] outputs = new float[width];
    values
        .asReadOnlyByteBuffer()
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(row * width, outputs);
    return outputs;
  }
}
