package io.clientele.scorer.inference;

import io.clientele.grpc.InvalidRequestException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How a list of columns serves each of the models. Requests with equal lists get the same plan, so
 * its mappings can be compared by identity. Immutable.
 */
final class ColumnPlan {
  private static final int MAX_COLUMNS = 4096;

  private final List<String> columns;
  private final List<ColumnMapping> mappings;

  private ColumnPlan(List<String> columns, List<ColumnMapping> mappings) {
    this.columns = columns;
    this.mappings = mappings;
  }

  /**
   * Plans for these models.
   *
   * @throws InvalidRequestException if there are no columns, too many, or one twice
   */
  static ColumnPlan of(List<OnnxModel> models, List<String> columns) {
    if (columns.isEmpty() || columns.size() > MAX_COLUMNS) {
      throw new InvalidRequestException(
          "columns", columns.size() + " of them (expected: 1.." + MAX_COLUMNS + ")");
    }
    Map<String, Integer> index = HashMap.newHashMap(columns.size());
    for (int i = 0; i < columns.size(); i++) {
      Integer other = index.put(columns.get(i), i);
      if (other != null) {
        throw new InvalidRequestException(
            "columns[" + i + "]",
            columns.get(i) + " (expected: each once; is columns[" + other + "])");
      }
    }
    return new ColumnPlan(
        List.copyOf(columns),
        models.stream().map(model -> ColumnMapping.of(model, index)).toList());
  }

  boolean isFor(List<String> names) {
    return columns.equals(names);
  }

  /** The mapping of the model at this place among those that serve. */
  ColumnMapping mapping(int model) {
    return mappings.get(model);
  }
}
