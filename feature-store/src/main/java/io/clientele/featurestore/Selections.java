package io.clientele.featurestore;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.FeatureSelection;
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
  private final Cache<List<String>, FeatureSelection> compiled =
      Caffeine.newBuilder().maximumSize(MAX_KEPT).build();

  Selections(FeaturePlan plan, ModelRepository models) {
    this.plan = plan;
    this.models = models;
  }

  /**
   * @throws InvalidRequestException if a feature or a model is not known
   */
  FeatureSelection of(GetFeaturesRequest request) {
    return switch (request.getSelectionCase()) {
      case FEATURES -> byName("features.names", request.getFeatures().getNamesList());
      case MODEL -> ofModel(request.getModel());
      case SELECTION_NOT_SET -> plan.all();
    };
  }

  private FeatureSelection ofModel(ModelInputs model) {
    return byName("model.name", models.inputs(model.getName(), model.getVersion()));
  }

  private FeatureSelection byName(String field, List<String> names) {
    if (names.isEmpty() || names.size() > MAX_NAMES) {
      throw new InvalidRequestException(
          field, names.size() + " features (expected: 1 to " + MAX_NAMES + ")");
    }
    try {
      return compiled.get(List.copyOf(names), plan::select);
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException(field, String.valueOf(e.getMessage()));
    }
  }
}
