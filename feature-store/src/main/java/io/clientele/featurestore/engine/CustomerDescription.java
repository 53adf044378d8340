package io.clientele.featurestore.engine;

import io.clientele.featurestore.catalog.Feature;
import java.util.List;
import java.util.OptionalLong;

/**
 * All that is known of a customer, for a human. Times are milliseconds since 1970 UTC.
 *
 * @param asOfMs the moment that it holds at
 * @param features every feature, in catalog order
 * @param eventTypes those with events, in catalog order
 * @param groups those with values that can be read, in catalog order
 */
public record CustomerDescription(
    long asOfMs,
    List<FeatureValue> features,
    List<EventSummary> eventTypes,
    List<GroupSummary> groups) {
  public CustomerDescription {
    features = List.copyOf(features);
    eventTypes = List.copyOf(eventTypes);
    groups = List.copyOf(groups);
  }

  /** Whether a feature has a value. */
  public enum Presence {
    PRESENT,
    /** There is nothing to compute it from. */
    MISSING,
    /** Present, and older than its group's limit of age. */
    STALE,
    /** Something was written, but the state does not tell any more. */
    UNANSWERED
  }

  /**
   * One feature.
   *
   * @param value the default where it is missing or unanswered
   * @param ageMs since the newest event or write behind it
   * @param origin from what it follows, in words
   */
  public record FeatureValue(
      Feature feature, Presence presence, float value, OptionalLong ageMs, String origin) {}

  /** The events of one type, as far as they count by now. */
  public record EventSummary(String type, long events, long firstMs, long lastMs) {}

  /**
   * The write that a group's values come from.
   *
   * @param eventMs when they were true
   * @param writtenMs when they were folded
   * @param source who wrote them; may be empty
   * @param stale whether they are older than the group's limit of age
   */
  public record GroupSummary(
      String group, long eventMs, long writtenMs, String source, boolean stale) {}
}
