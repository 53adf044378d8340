package io.clientele.featurestore.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.clientele.featurestore.catalog.Dimension;
import io.clientele.featurestore.catalog.Duplicates;
import io.clientele.featurestore.catalog.EventType;
import io.clientele.featurestore.catalog.Measure;
import java.util.List;

/**
 * How one event type lies in a customer's state: its measures and dimensions by index.
 *
 * @param index of the type in its plan
 * @param nameId marks the type's section in packed state; 32 bits over its name
 * @param fingerprint marks it too; 64 bits over all that its form depends on
 * @param ledgerFingerprint marks it in ledgers and tails: the same, but of a type with recent ids,
 *     whose form in the ledger was another one in format 2
 * @param measureCount number of measures
 * @param dimensionCount number of dimensions
 * @param recentIds how many ids are known, or {@link #ALL_IDS} for those of the whole retention
 */
record EventLayout(
    int index,
    EventType type,
    int nameId,
    long fingerprint,
    long ledgerFingerprint,
    int measureCount,
    int dimensionCount,
    int recentIds) {
  static final int ALL_IDS = Integer.MAX_VALUE;

  /** The fingerprint in a section that only says that the type cannot be told. */
  static final long UNTOLD = 0;

  static EventLayout of(int index, EventType type) {
    int recentIds =
        switch (type.duplicates()) {
          case Duplicates.OverRetention _ -> ALL_IDS;
          case Duplicates.Recent recent -> recent.ids();
        };
    long fingerprint = hash("state 2 " + type.canonical());
    return new EventLayout(
        index,
        type,
        (int) (hash("name " + type.name()) >>> 32),
        fingerprint,
        recentIds == ALL_IDS ? fingerprint : hash("ledger 3 " + type.canonical()),
        type.measures().size(),
        type.dimensions().size(),
        recentIds);
  }

  private static long hash(String text) {
    return EventId.of(text.getBytes(UTF_8)).high();
  }

  String name() {
    return type.name();
  }

  List<Measure> measures() {
    return type.measures();
  }

  List<Dimension> dimensions() {
    return type.dimensions();
  }

  /** Whether the ledger keeps what each event said, not only its id. */
  boolean keepsEvents() {
    return recentIds == ALL_IDS;
  }
}
