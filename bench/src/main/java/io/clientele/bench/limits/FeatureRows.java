package io.clientele.bench.limits;

import com.google.protobuf.ByteString;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import io.clientele.scorer.v1.InferRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;

/** Features of real rows, as the store answered them: R rows × C named columns. */
record FeatureRows(GetFeaturesResponse matrix) {
  int size() {
    return matrix.getCustomersCount();
  }

  /**
   * What the gateway would ask the scorer for the first rows: every model that serves.
   *
   * @param rows at most R
   */
  InferRequest request(int rows) {
    int columns = matrix.getFeatureNamesCount();
    return InferRequest.newBuilder()
        .addAllColumns(matrix.getFeatureNamesList())
        .setCatalogHash(matrix.getCatalogHash())
        .setRows(rows)
        .setValues(first(matrix.getValues(), rows * columns * Float.BYTES))
        .setPresence(first(matrix.getPresence(), rows * ((columns + 7) / 8)))
        .build();
  }

  private static ByteString first(ByteString bytes, int length) {
    return bytes.substring(0, length);
  }

  /**
   * The first rows with these columns alone, in a direct buffer.
   *
   * @throws IllegalStateException if a column is not there
   */
  FloatBuffer columns(List<String> names, int rows) {
    ByteBuffer all = matrix.getValues().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    int columns = matrix.getFeatureNamesCount();
    FloatBuffer picked = BareSession.direct(rows * names.size());
    for (int row = 0; row < rows; row++) {
      for (String name : names) {
        int column = matrix.getFeatureNamesList().indexOf(name);
        if (column < 0) {
          throw new IllegalStateException(name + ": a model's input that is no feature");
        }
        picked.put(all.getFloat((row * columns + column) * Float.BYTES));
      }
    }
    return picked.flip();
  }
}
