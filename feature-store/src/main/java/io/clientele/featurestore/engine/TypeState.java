package io.clientele.featurestore.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a customer's events of one type come to: an aggregate of all, one tile for each active day
 * of the retention, first and last times, last values and recent labels. The order in which events
 * are added does not matter. Not thread-safe.
 */
final class TypeState {
  private record Tile(long day, Aggregate aggregate) {}

  private final EventLayout layout;
  private final Aggregate totals;

  /** By day, the earliest first. */
  private final List<Tile> tiles = new ArrayList<>();

  private final RecentLabels[] labels;
  private long[] lastMeasures;
  private long firstMs;
  private long lastMs;

  /** The active days whose tiles have been dropped; all before those of the tiles. */
  private Gaps compacted = Gaps.NONE;

  TypeState(EventLayout layout) {
    this(layout, new Aggregate(layout.measureCount()), labels(layout));
  }

  private TypeState(EventLayout layout, Aggregate totals, RecentLabels[] labels) {
    this.layout = layout;
    this.totals = totals;
    this.labels = labels;
    this.lastMeasures = new long[layout.measureCount()];
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param compacted null of a state that has been compacted as a whole, which tells it by itself
   * @param texts per dimension, the recent labels, newest first
   */
  static TypeState read(
      EventLayout layout, PackedReader in, @Nullable Gaps compacted, List<List<String>> texts) {
    var state = new TypeState(layout, Aggregate.read(in, layout.measureCount()), labels(layout));
    state.lastMs = in.signed();
    state.firstMs = state.lastMs - in.unsigned();
    long compactedDay = Days.of(state.lastMs) + 1 - in.unsigned();
    long days = in.unsigned();
    Gaps all =
        new Gaps(days, compactedDay, days > 1 ? in.unsigned() : 0, days > 1 ? in.unsigned() : 0);
    state.compacted = compacted == null ? all : compacted;
    state.readLastMeasures(in);
    state.readLabels(in, texts);
    state.readTiles(in);
    return state;
  }

  TypeState copy() {
    var copy = new TypeState(layout, totals.copy(), new RecentLabels[labels.length]);
    for (Tile tile : tiles) {
      copy.tiles.add(new Tile(tile.day(), tile.aggregate().copy()));
    }
    for (int d = 0; d < labels.length; d++) {
      copy.labels[d] = labels[d].copy();
    }
    copy.lastMeasures = lastMeasures;
    copy.firstMs = firstMs;
    copy.lastMs = lastMs;
    copy.compacted = compacted;
    return copy;
  }

  EventLayout layout() {
    return layout;
  }

  long events() {
    return totals.count();
  }

  RecentLabels labels(int dimension) {
    return labels[dimension];
  }

  Gaps compacted() {
    return compacted;
  }

  boolean isEmpty() {
    return totals.count() == 0;
  }

  long firstMs() {
    return firstMs;
  }

  long lastMs() {
    return lastMs;
  }

  /** Adds events that are later than all added before, in the order of time and id. */
  void addAll(Collection<Event> events) {
    for (Event event : events) {
      addNumbers(event, true);
    }
    // The newest first, so that each label is seen at its last day at once.
    for (Event event : List.copyOf(events).reversed()) {
      addLabels(event);
    }
  }

  /**
   * Adds an event of a day that has not been compacted.
   *
   * @param last whether no event added before is later by time and id
   */
  void add(Event event, boolean last) {
    addNumbers(event, last);
    addLabels(event);
  }

  private void addNumbers(Event event, boolean last) {
    long timeMs = event.timeMs();
    firstMs = events() == 0 ? timeMs : Math.min(firstMs, timeMs);
    lastMs = events() == 0 ? timeMs : Math.max(lastMs, timeMs);
    if (last) {
      lastMeasures = event.measures();
    }
    totals.add(event.measures());
    tile(Days.of(timeMs)).add(event.measures());
  }

  private void addLabels(Event event) {
    long day = Days.of(event.timeMs());
    for (int d = 0; d < labels.length; d++) {
      for (String label : event.labels()[d]) {
        labels[d].see(label, day);
      }
    }
  }

  /**
   * Drops the tiles of days before this one; the aggregate of all keeps what they hold.
   *
   * @return whether there were any
   */
  boolean compact(long firstDayKept) {
    int dropped = 0;
    while (dropped < tiles.size() && tiles.get(dropped).day() < firstDayKept) {
      compacted = compacted.then(tiles.get(dropped).day());
      dropped++;
    }
    tiles.subList(0, dropped).clear();
    return dropped > 0;
  }

  /** Writes the content of its section of the summary; of a state with events. */
  void write(PackedWriter out) {
    totals.write(out);
    out.signed(lastMs);
    out.unsigned(lastMs - firstMs);
    out.unsigned(compacted.days() == 0 ? 0 : Days.of(lastMs) + 1 - compacted.lastDay());
    Gaps gaps = compacted;
    for (Tile tile : tiles) {
      gaps = gaps.then(tile.day());
    }
    out.unsigned(gaps.days());
    if (gaps.days() > 1) {
      out.unsigned(gaps.squares());
      out.unsigned(gaps.greatest());
    }
    if (events() > 1) {
      for (long measure : lastMeasures) {
        out.signed(measure);
      }
    }
    for (RecentLabels recent : labels) {
      long day = Days.of(lastMs);
      out.unsigned(recent.newestFirst().size());
      for (RecentLabels.Seen seen : recent.newestFirst()) {
        out.unsigned(day - seen.day());
        day = seen.day();
      }
    }
    long day = Days.of(lastMs);
    out.unsigned(tiles.size());
    for (Tile tile : tiles.reversed()) {
      out.unsigned(day - tile.day());
      tile.aggregate().write(out);
      day = tile.day();
    }
  }

  private void readLastMeasures(PackedReader in) {
    lastMeasures = totals.sums();
    if (events() > 1) {
      lastMeasures = new long[layout.measureCount()];
      for (int m = 0; m < lastMeasures.length; m++) {
        lastMeasures[m] = in.signed();
      }
    }
  }

  private void readLabels(PackedReader in, List<List<String>> texts) {
    for (int d = 0; d < labels.length; d++) {
      int count = in.count();
      if (count != texts.get(d).size()) {
        throw new StateException("state is damaged: summary and ledger differ in labels");
      }
      long day = Days.of(lastMs);
      for (String text : texts.get(d)) {
        day -= in.unsigned();
        labels[d].see(text, day);
      }
    }
  }

  private void readTiles(PackedReader in) {
    int count = in.count();
    long day = Days.of(lastMs);
    for (int t = 0; t < count; t++) {
      day -= in.unsigned();
      tiles.add(new Tile(day, Aggregate.read(in, layout.measureCount())));
    }
    Collections.reverse(tiles);
  }

  private static RecentLabels[] labels(EventLayout layout) {
    var labels = new RecentLabels[layout.dimensionCount()];
    for (int d = 0; d < labels.length; d++) {
      labels[d] = new RecentLabels(layout.dimensions().get(d).maxValues());
    }
    return labels;
  }

  private Aggregate tile(long day) {
    int at = tiles.size();
    while (at > 0 && tiles.get(at - 1).day() > day) {
      at--;
    }
    if (at > 0 && tiles.get(at - 1).day() == day) {
      return tiles.get(at - 1).aggregate();
    }
    var tile = new Tile(day, new Aggregate(layout.measureCount()));
    tiles.add(at, tile);
    return tile.aggregate();
  }
}
