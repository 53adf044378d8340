package io.clientele.featurestore.engine;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.catalog.Feature;
import java.util.ArrayList;
import java.util.List;

/**
 * A catalog, compiled: what the engine folds by and reads by. Immutable.
 *
 * <p>State that was written under one plan can be read under another one if their retention and the
 * definitions of the event types in the state are the same; features may differ freely, and event
 * types may be added.
 */
public final class FeaturePlan {
  private final Catalog catalog;
  private final String catalogHash;
  private final List<EventLayout> layouts;
  private final long[] fingerprints;
  private final List<GroupLayout> groups;
  private final EventDecoder decoder;
  private final GroupDecoder groupDecoder;
  private final FeatureSelection all;

  private FeaturePlan(Catalog catalog) {
    this.catalog = catalog;
    this.catalogHash = catalog.hash();
    List<EventLayout> compiled = new ArrayList<>();
    for (var type : catalog.eventTypes()) {
      compiled.add(EventLayout.of(compiled.size(), type, catalog.retentionDays()));
    }
    this.layouts = List.copyOf(compiled);
    this.fingerprints = layouts.stream().mapToLong(EventLayout::fingerprint).toArray();
    List<GroupLayout> compiledGroups = new ArrayList<>();
    for (var group : catalog.groups()) {
      compiledGroups.add(GroupLayout.of(compiledGroups.size(), group));
    }
    this.groups = List.copyOf(compiledGroups);
    this.decoder = new EventDecoder(layouts);
    this.groupDecoder = new GroupDecoder(groups);
    this.all = FeatureSelection.compile(this, catalog.features(), true);
  }

  public static FeaturePlan of(Catalog catalog) {
    return new FeaturePlan(catalog);
  }

  public Catalog catalog() {
    return catalog;
  }

  /** {@link Catalog#hash}, computed once. */
  public String catalogHash() {
    return catalogHash;
  }

  /** Turns callers' events into those that are folded. */
  public EventDecoder decoder() {
    return decoder;
  }

  /** Turns callers' writes of groups into those that are folded. */
  public GroupDecoder groupDecoder() {
    return groupDecoder;
  }

  /** Every feature, in catalog order. */
  public FeatureSelection all() {
    return all;
  }

  /**
   * Some features, in the order asked for; the same one may stand twice.
   *
   * @throws IllegalArgumentException naming those that the catalog has not
   */
  public FeatureSelection select(List<String> names) {
    List<String> unknown = names.stream().filter(n -> catalog.feature(n).isEmpty()).toList();
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException("unknown features: " + String.join(", ", unknown));
    }
    List<Feature> features =
        names.stream().map(name -> catalog.feature(name).orElseThrow()).toList();
    return FeatureSelection.compile(this, features, false);
  }

  /**
   * Tells all that is known of a customer, for a human.
   *
   * @param summary as in {@link FeatureReader#read}
   * @param groups one each of {@link FeatureSelection#groups} of all features
   * @param asOfMs as there
   * @throws StateException as there
   */
  public CustomerDescription describe(byte[] summary, byte[][] groups, long asOfMs) {
    return CustomerDescriber.describe(all.newReader(), summary, groups, asOfMs);
  }

  List<EventLayout> layouts() {
    return layouts;
  }

  List<GroupLayout> groups() {
    return groups;
  }

  /** Whether a write of that layout can be folded by this plan. */
  boolean has(GroupLayout layout) {
    return layout.index() < groups.size()
        && groups.get(layout.index()).fingerprint() == layout.fingerprint();
  }

  /** Whether an event of that layout can be folded by this plan. */
  boolean has(EventLayout layout) {
    return layout.index() < fingerprints.length
        && fingerprints[layout.index()] == layout.fingerprint();
  }

  /**
   * The index of the event type that a section of packed state is of.
   *
   * @throws StateException if it is none of this plan's
   */
  int layoutIndex(long fingerprint) {
    for (int i = 0; i < fingerprints.length; i++) {
      if (fingerprints[i] == fingerprint) {
        return i;
      }
    }
    throw new StateException(
        "state has an event type that the catalog defines otherwise or not at all (expected, with a"
            + " retention of "
            + catalog.retentionDays()
            + "d: "
            + String.join("; ", layouts.stream().map(l -> l.type().canonical()).toList())
            + ")");
  }

  EventLayout layout(long fingerprint) {
    return layouts.get(layoutIndex(fingerprint));
  }

  /** The earliest UTC day whose events are taken at a moment. */
  long firstDayKept(long momentMs) {
    return Days.of(momentMs) - catalog.retentionDays();
  }
}
