package io.clientele.featurestore.engine;

import io.clientele.featurestore.catalog.Feature;
import java.util.List;
import java.util.OptionalLong;

/**
 * All that is known of a customer, for a human.
 *
 * @param asOfMs the moment that it holds at
 * @param features every feature, in catalog order
 * @param eventTypes those with events, in catalog order
 */
public record CustomerDescription(
    long asOfMs, List<FeatureValue> features, List<EventSummary> eventTypes) {
  public CustomerDescription {
    features = List.copyOf(features);
    eventTypes = List.copyOf(eventTypes);
  }

  /**
   * One feature.
   *
   * @param value the default where it is missing
   * @param ageMs since the newest event behind it
   */
  public record FeatureValue(Feature feature, boolean present, float value, OptionalLong ageMs) {}

  /** The events of one type, as far as they count by now; times are milliseconds since 1970 UTC. */
  public record EventSummary(String type, long events, long firstMs, long lastMs) {}
}
