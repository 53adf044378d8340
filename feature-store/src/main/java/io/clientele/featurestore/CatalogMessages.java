package io.clientele.featurestore;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.catalog.Dimension;
import io.clientele.featurestore.catalog.FieldType;
import io.clientele.featurestore.catalog.Measure;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.v1.EventType;
import io.clientele.featurestore.v1.Feature;
import io.clientele.featurestore.v1.FeatureGroup;
import io.clientele.featurestore.v1.GetCatalogResponse;
import io.clientele.featurestore.v1.GroupField;

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
    catalog.groups().forEach(group -> message.addGroups(message(group)));
    return message.build();
  }

  private static FeatureGroup message(io.clientele.featurestore.catalog.FeatureGroup group) {
    var message = FeatureGroup.newBuilder().setName(group.name());
    if (group.maxAgeMs() != io.clientele.featurestore.catalog.FeatureGroup.ANY_AGE) {
      message.setMaxAgeSeconds(Math.ceilDiv(group.maxAgeMs(), 1_000));
    }
    for (var field : group.fields()) {
      var fieldMessage =
          GroupField.newBuilder()
              .setName(field.name())
              .setType(field.type().key())
              .setSize(field.type().size());
      if (field.type() instanceof FieldType.Label label) {
        fieldMessage.addAllVocabulary(label.vocabulary());
      }
      message.addFields(fieldMessage);
    }
    return message.build();
  }
}
