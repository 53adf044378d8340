package io.clientele.featurestore;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.featurestore.v1.ModelInputs;
import io.clientele.grpc.InvalidRequestException;
import java.util.List;

/** The columns that requests ask for, each list of names compiled once. Thread-safe. */
final class Selections {
  private static final int MAX_NAMES = 1_000;
  private static final int MAX_KEPT = 256;

  private final FeaturePlan plan;
  private final ModelRepository models;
  private final ReadPlan all;
  private final Cache<List<String>, ReadPlan> compiled =
      Caffeine.newBuilder().maximumSize(MAX_KEPT).build();

  Selections(FeaturePlan plan, ModelRepository models) {
    this.plan = plan;
    this.models = models;
    all = ReadPlan.of(plan, plan.all());
  }

  /**
   * @throws InvalidRequestException if a feature or a model is not known
   */
  ReadPlan of(GetFeaturesRequest request) {
    return switch (request.getSelectionCase()) {
      case FEATURES -> byName("features.names", request.getFeatures().getNamesList());
      case MODEL -> ofModel(request.getModel());
      case SELECTION_NOT_SET -> all;
    };
  }

  private ReadPlan ofModel(ModelInputs model) {
    return byName("model.name", models.inputs(model.getName(), model.getVersion()));
  }

  private ReadPlan byName(String field, List<String> names) {
    if (names.isEmpty() || names.size() > MAX_NAMES) {
      throw new InvalidRequestException(
          field, names.size() + " features (expected: 1 to " + MAX_NAMES + ")");
    }
    ReadPlan known = compiled.getIfPresent(names);
    if (known != null) {
      return known;
    }
    try {
      return compiled.get(List.copyOf(names), this::compile);
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException(field, String.valueOf(e.getMessage()));
    }
  }

  private ReadPlan compile(List<String> names) {
    return ReadPlan.of(plan, plan.select(names));
  }
}
