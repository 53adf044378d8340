package io.clientele.featurestore.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the ledger holds of one event type, as {@link Packed} lays it out.
 *
 * @param compacted the active days without tiles
 * @param labels per dimension, the recent labels, newest first
 */
record LedgerSection(Gaps compacted, List<List<String>> labels, Ledger ledger) {

  /**
   * Writes a section's content.
   *
   * @param clockMs events after it are written whole
   */
  static void write(PackedWriter out, TypeState state, Ledger ledger, long clockMs) {
    EventLayout layout = state.layout();
    state.compacted().write(out);
    List<List<String>> tables = new ArrayList<>();
    for (int d = 0; d < layout.dimensionCount(); d++) {
      tables.add(table(d, state, ledger, clockMs));
    }
    for (int d = 0; d < tables.size(); d++) {
      writeLabels(out, tables.get(d), state.labels(d));
    }
    out.unsigned(ledger.size());
    boolean first = true;
    long timeMs = 0;
    for (Map.Entry<Event.Key, @Nullable Event> entry : ledger.entries()) {
      Event.Key key = entry.getKey();
      if (first) {
        out.signed(key.timeMs());
      } else {
        out.unsigned(key.timeMs() - timeMs);
      }
      first = false;
      timeMs = key.timeMs();
      out.int64(key.id().high());
      out.int64(key.id().low());
      Event event = entry.getValue();
      if (isWhole(layout, key, clockMs) && event != null) {
        writeEvent(out, event, tables);
      }
    }
  }

  static LedgerSection read(PackedReader in, EventLayout layout, long clockMs) {
    Gaps compacted = Gaps.read(in);
    List<String[]> tables = new ArrayList<>();
    List<List<String>> labels = new ArrayList<>();
    for (int d = 0; d < layout.dimensionCount(); d++) {
      String[] table = new String[in.count()];
      for (int i = 0; i < table.length; i++) {
        table[i] = in.text();
      }
      tables.add(table);
      int count = in.count();
      List<String> recent = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        recent.add(table[in.index(table.length)]);
      }
      labels.add(recent);
    }
    var ledger = new Ledger(layout);
    int count = in.count();
    long timeMs = 0;
    for (int e = 0; e < count; e++) {
      timeMs = e == 0 ? in.signed() : timeMs + in.unsigned();
      var key = new Event.Key(timeMs, new EventId(in.int64(), in.int64()));
      ledger.add(key, isWhole(layout, key, clockMs) ? readEvent(in, layout, key, tables) : null);
    }
    return new LedgerSection(compacted, labels, ledger);
  }

  private static boolean isWhole(EventLayout layout, Event.Key key, long clockMs) {
    return layout.keepsEvents() || key.timeMs() > clockMs;
  }

  /** Every label of a dimension that the section names, sorted. */
  private static List<String> table(int d, TypeState state, Ledger ledger, long clockMs) {
    var table = new TreeSet<String>();
    state.labels(d).newestFirst().forEach(seen -> table.add(seen.label()));
    for (Map.Entry<Event.Key, @Nullable Event> entry : ledger.entries()) {
      Event event = entry.getValue();
      if (event != null && isWhole(state.layout(), entry.getKey(), clockMs)) {
        table.addAll(List.of(event.labels()[d]));
      }
    }
    return List.copyOf(table);
  }

  private static void writeLabels(PackedWriter out, List<String> table, RecentLabels recent) {
    out.unsigned(table.size());
    table.forEach(out::text);
    out.unsigned(recent.newestFirst().size());
    for (RecentLabels.Seen seen : recent.newestFirst()) {
      out.unsigned(Collections.binarySearch(table, seen.label()));
    }
  }

  private static void writeEvent(PackedWriter out, Event event, List<List<String>> tables) {
    for (long measure : event.measures()) {
      out.signed(measure);
    }
    for (int d = 0; d < tables.size(); d++) {
      String[] labels = event.labels()[d];
      out.unsigned(labels.length);
      for (String label : labels) {
        out.unsigned(Collections.binarySearch(tables.get(d), label));
      }
    }
  }

  private static Event readEvent(
      PackedReader in, EventLayout layout, Event.Key key, List<String[]> tables) {
    long[] measures = new long[layout.measureCount()];
    for (int m = 0; m < measures.length; m++) {
      measures[m] = in.signed();
    }
    String[][] labels = new String[layout.dimensionCount()][];
    for (int d = 0; d < labels.length; d++) {
      String[] table = tables.get(d);
      labels[d] = new String[in.count()];
      for (int i = 0; i < labels[d].length; i++) {
        labels[d][i] = table[in.index(table.length)];
      }
    }
    return new Event(layout, key, measures, labels);
  }
}
