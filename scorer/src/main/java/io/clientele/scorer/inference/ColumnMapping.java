package io.clientele.scorer.inference;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Where one model finds its inputs among the columns of a request. Immutable. */
final class ColumnMapping {
  private final OnnxModel model;
  private final int[] sources;
  private final boolean straight;
  private final List<String> lacking;

  private ColumnMapping(OnnxModel model, int[] sources, boolean straight, List<String> lacking) {
    this.model = model;
    this.sources = sources;
    this.straight = straight;
    this.lacking = lacking;
  }

  /**
   * Maps by name.
   *
   * @param columns index by name
   */
  static ColumnMapping of(OnnxModel model, Map<String, Integer> columns) {
    int width = model.manifest().inputWidth();
    int[] sources = new int[width];
    List<String> lacking = new ArrayList<>();
    boolean straight = width == columns.size();
    for (int i = 0; i < width; i++) {
      String name = model.manifest().inputs().get(i).name();
      Integer column = columns.get(name);
      if (column == null) {
        lacking.add(name);
      } else {
        sources[i] = column;
      }
      straight &= sources[i] == i;
    }
    return new ColumnMapping(model, sources, straight, List.copyOf(lacking));
  }

  OnnxModel model() {
    return model;
  }

  /** Inputs that are not among the columns; the model can only run where there are none. */
  List<String> lacking() {
    return lacking;
  }

  /**
   * Writes a matrix to a model's input, with defaults for what is not present.
   *
   * @param input rows of the model's inputs
   * @param firstRow where in the input the matrix goes
   * @param missing one a row of the matrix: how many of the model's inputs were not present
   */
  void fill(FeatureMatrix matrix, FloatBuffer input, int firstRow, int[] missing) {
    int offset = firstRow * sources.length;
    if (straight && !matrix.hasPresence()) {
      matrix.copyTo(input, offset);
      return;
    }
    float[] defaults = model.defaults();
    for (int row = 0; row < matrix.rows(); row++) {
      int absent = 0;
      for (int i = 0; i < sources.length; i++) {
        int column = sources[i];
        if (matrix.isPresent(row, column)) {
          input.put(offset++, matrix.value(row, column));
        } else {
          input.put(offset++, defaults[i]);
          absent++;
        }
      }
      missing[row] = absent;
    }
  }
}
