package io.clientele.featurestore;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.catalog.Dimension;
import io.clientele.featurestore.catalog.Measure;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.v1.EventType;
import io.clientele.featurestore.v1.Feature;
import io.clientele.featurestore.v1.GetCatalogResponse;

/** A catalog as a message. */
final class CatalogMessages {
  private CatalogMessages() {}

  static GetCatalogResponse of(FeaturePlan plan) {
    Catalog catalog = plan.catalog();
    var message = GetCatalogResponse.newBuilder().setCatalogHash(plan.catalogHash());
    for (var feature : catalog.features()) {
      message.addFeatures(
          Feature.newBuilder()
              .setName(feature.name())
              .setDefinition(feature.definition())
              .setMeaning(feature.meaning())
              .setDefaultValue(feature.defaultValue()));
    }
    for (var type : catalog.eventTypes()) {
      message.addEventTypes(
          EventType.newBuilder()
              .setName(type.name())
              .addAllMeasures(type.measures().stream().map(Measure::name).toList())
              .addAllDimensions(type.dimensions().stream().map(Dimension::name).toList()));
    }
    return message.build();
  }
}
