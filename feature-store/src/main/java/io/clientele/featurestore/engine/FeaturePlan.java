package io.clientele.featurestore.engine;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.catalog.Feature;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A catalog, compiled: what the engine folds by and reads by. Immutable.
 *
 * <p>State that was written under one plan can be read under any other one. Features may differ
 * freely; what follows from events of a type that is defined otherwise is unanswered, and so is a
 * window that is longer than what the former retention has left of tiles.
 */
public final class FeaturePlan {
  private final Catalog catalog;
  private final String catalogHash;
  private final List<EventLayout> layouts;
  private final int[] nameIds;
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
      compiled.add(EventLayout.of(compiled.size(), type));
    }
    this.layouts = List.copyOf(compiled);
    this.nameIds = layouts.stream().mapToInt(EventLayout::nameId).toArray();
    requireDistinctNames(layouts);
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

  /**
   * Compiles a catalog.
   *
   * @throws IllegalArgumentException if the names of two event types have the same id, by a chance
   *     of one to billions
   */
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

  /** The index of the event type whose name has that id; -1 where there is none. */
  int indexOfName(int nameId) {
    for (int i = 0; i < nameIds.length; i++) {
      if (nameIds[i] == nameId) {
        return i;
      }
    }
    return -1;
  }

  /** Whether sections with that fingerprint can be read as those of the event type. */
  boolean reads(int index, long fingerprint) {
    return fingerprints[index] == fingerprint;
  }

  /** The layout that a section of packed state can be read by, if there is one. */
  @Nullable EventLayout layout(int nameId, long fingerprint) {
    int index = indexOfName(nameId);
    return index >= 0 && reads(index, fingerprint) ? layouts.get(index) : null;
  }

  /** The type of a section of a ledger or a tail; null where this plan cannot read it. */
  @Nullable EventLayout layoutOfLedger(int nameId, long ledgerFingerprint) {
    int index = indexOfName(nameId);
    return index >= 0 && layouts.get(index).ledgerFingerprint() == ledgerFingerprint
        ? layouts.get(index)
        : null;
  }

  private static void requireDistinctNames(List<EventLayout> layouts) {
    var names = new HashMap<Integer, String>();
    for (EventLayout layout : layouts) {
      String other = names.put(layout.nameId(), layout.name());
      if (other != null) {
        throw new IllegalArgumentException(
            "events: %s and %s have the same id (expected: another name for one of them)"
                .formatted(other, layout.name()));
      }
    }
  }

  /** What is taken at a moment. */
  Moment moment(long ms) {
    return new Moment(ms, firstDayKept(ms), ms + catalog.futureToleranceMs());
  }

  /** When the retention begins that a moment is in. */
  public long retentionStartMs(long momentMs) {
    return moment(momentMs).firstMs();
  }

  /** The earliest UTC day whose events are taken at a moment. */
  long firstDayKept(long momentMs) {
    return Days.of(momentMs) - catalog.retentionDays();
  }
}
