package io.clientele.scorer.inference;

import io.clientele.grpc.InvalidRequestException;
import io.clientele.grpc.UnavailableException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The models that serve, one version of each: an immutable set that is replaced as a whole. What is
 * cached about models is kept here, so it goes with the set.
 */
public final class ServingModels implements AutoCloseable {
  private final List<OnnxModel> models;
  private final Map<String, Integer> indexes;
  private final int[] all;
  private final ColumnPlans plans;

  /** Takes over the models, which end with this set. */
  public ServingModels(List<OnnxModel> models) {
    this.models = models.stream().sorted(Comparator.comparing(OnnxModel::name)).toList();
    this.indexes = HashMap.newHashMap(models.size());
    this.all = new int[models.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = i;
      indexes.put(this.models.get(i).name(), i);
    }
    this.plans = new ColumnPlans(this.models);
  }

  /** In the order of names. */
  public List<OnnxModel> models() {
    return models;
  }

  public boolean isEmpty() {
    return models.isEmpty();
  }

  /**
   * The mappings of the models asked for, in the order asked; of all where none is named.
   *
   * @throws InvalidRequestException if a model does not serve or is named twice, or the columns
   *     cannot be used
   * @throws UnavailableException if no model serves
   */
  ColumnMapping[] mappings(List<String> names, List<String> columns) {
    if (models.isEmpty()) {
      throw new UnavailableException("every model", null);
    }
    int[] chosen = names.isEmpty() ? all : indexes(names);
    ColumnPlan plan = plans.plan(columns);
    ColumnMapping[] mappings = new ColumnMapping[chosen.length];
    for (int i = 0; i < chosen.length; i++) {
      mappings[i] = plan.mapping(chosen[i]);
    }
    return mappings;
  }

  private int[] indexes(List<String> names) {
    int[] chosen = new int[names.size()];
    for (int i = 0; i < chosen.length; i++) {
      Integer index = indexes.get(names.get(i));
      if (index == null) {
        throw new InvalidRequestException(
            "models[" + i + "]", names.get(i) + " (expected: one of " + serving() + ")");
      }
      if (names.indexOf(names.get(i)) < i) {
        throw new InvalidRequestException(
            "models[" + i + "]", names.get(i) + " (expected: each model once)");
      }
      chosen[i] = index;
    }
    return chosen;
  }

  private List<String> serving() {
    List<String> names = new ArrayList<>();
    models.forEach(model -> names.add(model.name()));
    return names;
  }

  /** Frees the models. No lane may be running them. */
  @Override
  public void close() {
    models.forEach(OnnxModel::close);
  }
}
