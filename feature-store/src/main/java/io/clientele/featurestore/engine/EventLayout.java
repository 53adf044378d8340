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
 * @param fingerprint marks the type's section in packed state; 64 bits over all that its form
 *     depends on
 * @param measureCount number of measures
 * @param dimensionCount number of dimensions
 * @param recentIds how many ids are known, or {@link #ALL_IDS} for those of the whole retention
 */
record EventLayout(
    int index,
    EventType type,
    long fingerprint,
    int measureCount,
    int dimensionCount,
    int recentIds) {
  static final int ALL_IDS = Integer.MAX_VALUE;

  static EventLayout of(int index, EventType type, int retentionDays) {
    String text = "state 1 retention=" + retentionDays + " " + type.canonical();
    return new EventLayout(
        index,
        type,
        EventId.of(text.getBytes(UTF_8)).high(),
        type.measures().size(),
        type.dimensions().size(),
        switch (type.duplicates()) {
          case Duplicates.OverRetention _ -> ALL_IDS;
          case Duplicates.Recent recent -> recent.ids();
        });
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
