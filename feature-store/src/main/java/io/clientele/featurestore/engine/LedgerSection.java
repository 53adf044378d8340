package io.clientele.featurestore.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Writes and reads what the ledger holds of one event type, as {@link Packed} lays it out. */
final class LedgerSection {
  private final EventLayout layout;

  /** Per dimension: every label that the section names, sorted. */
  private final List<List<String>> tables;

  private LedgerSection(EventLayout layout, List<List<String>> tables) {
    this.layout = layout;
    this.tables = tables;
  }

  /**
   * Writes a section's content.
   *
   * @param clockMs of the state
   */
  static void write(PackedWriter out, TypeHistory history, long clockMs) {
    EventLayout layout = history.layout();
    TypeState remembered = layout.keepsEvents() ? history.base() : history.state();
    List<Event> whole =
        history.ledger().between(layout.keepsEvents() ? Long.MIN_VALUE : clockMs, Long.MAX_VALUE);
    List<List<String>> tables = new ArrayList<>();
    for (int d = 0; d < layout.dimensionCount(); d++) {
      List<String> table = table(d, remembered, whole);
      out.unsigned(table.size());
      table.forEach(out::text);
      tables.add(table);
    }
    var section = new LedgerSection(layout, tables);
    out.unsigned(remembered.isEmpty() ? 0 : 1);
    if (!remembered.isEmpty()) {
      section.writeLabels(out, remembered);
      if (!layout.keepsEvents()) {
        remembered.compacted().write(out);
      }
      remembered.write(out);
    }
    if (layout.keepsEvents()) {
      history.corrections().write(out);
    }
    section.writeEvents(out, history.ledger(), whole.size());
  }

  /**
   * Reads a section's content.
   *
   * @param since the type's events in the tail
   * @param clockMs of the state
   */
  static TypeHistory read(PackedReader in, EventLayout layout, List<Event> since, long clockMs) {
    LedgerSection section = open(in, layout);
    var remembered = new TypeState(layout);
    if (in.unsigned() != 0) {
      List<List<String>> labels = section.readLabels(in);
      Gaps compacted = layout.keepsEvents() ? null : Gaps.read(in);
      remembered = TypeState.read(layout, in, compacted, labels);
    }
    Corrections corrections = layout.keepsEvents() ? Corrections.read(in) : new Corrections();
    return TypeHistory.of(section.readEvents(in), corrections, remembered, since, clockMs);
  }

  /**
   * Reads a section's content as format 2 has it, of a type with recent ids: what the events come
   * to is only in the summary.
   *
   * @param summary at the content of the type's section of the summary; null where it has none
   */
  static TypeHistory readSecondFormat(
      PackedReader in, EventLayout layout, @Nullable PackedReader summary, long clockMs) {
    LedgerSection section = open(in, layout);
    Gaps compacted = Gaps.read(in);
    List<List<String>> labels = section.readLabels(in);
    TypeState state =
        summary == null
            ? new TypeState(layout)
            : TypeState.read(layout, summary, compacted, labels);
    return TypeHistory.of(section.readEvents(in), new Corrections(), state, List.of(), clockMs);
  }

  private static LedgerSection open(PackedReader in, EventLayout layout) {
    List<List<String>> tables = new ArrayList<>();
    for (int d = 0; d < layout.dimensionCount(); d++) {
      List<String> table = new ArrayList<>();
      for (int i = in.count(); i > 0; i--) {
        table.add(in.text());
      }
      tables.add(table);
    }
    return new LedgerSection(layout, tables);
  }

  private static List<String> table(int d, TypeState state, List<Event> events) {
    var table = new TreeSet<String>();
    state.labels(d).newestFirst().forEach(seen -> table.add(seen.label()));
    for (Event event : events) {
      Collections.addAll(table, event.labels()[d]);
    }
    return List.copyOf(table);
  }

  private void writeLabels(PackedWriter out, TypeState state) {
    for (int d = 0; d < tables.size(); d++) {
      out.unsigned(state.labels(d).newestFirst().size());
      for (RecentLabels.Seen seen : state.labels(d).newestFirst()) {
        out.unsigned(Collections.binarySearch(tables.get(d), seen.label()));
      }
    }
  }

  /** Per dimension, the recent labels, newest first. */
  private List<List<String>> readLabels(PackedReader in) {
    List<List<String>> labels = new ArrayList<>();
    for (List<String> table : tables) {
      List<String> recent = new ArrayList<>();
      for (int i = in.count(); i > 0; i--) {
        recent.add(table.get(in.index(table.size())));
      }
      labels.add(recent);
    }
    return labels;
  }

  private void writeEvents(PackedWriter out, Ledger ledger, int whole) {
    out.unsigned(ledger.size());
    if (!layout.keepsEvents()) {
      out.unsigned(whole);
    }
    int onlyIds = ledger.size() - whole;
    int place = 0;
    long timeMs = 0;
    for (Map.Entry<Event.Key, @Nullable Event> entry : ledger.entries()) {
      Event.Key key = entry.getKey();
      if (place == 0) {
        out.signed(key.timeMs());
      } else {
        out.unsigned(key.timeMs() - timeMs);
      }
      timeMs = key.timeMs();
      out.int64(key.id().high());
      out.int64(key.id().low());
      Event event = entry.getValue();
      if (place++ >= onlyIds && event != null) {
        writeContent(out, event);
      }
    }
  }

  private Ledger readEvents(PackedReader in) {
    int count = in.count();
    int onlyIds = layout.keepsEvents() ? 0 : count - in.index(count + 1);
    IdRun ids = IdRun.read(in, onlyIds);
    long timeMs = ids.lastMs();
    var ledger = new Ledger(layout, ids);
    for (int place = onlyIds; place < count; place++) {
      timeMs = place == 0 ? in.signed() : timeMs + in.unsigned();
      var key = new Event.Key(timeMs, new EventId(in.int64(), in.int64()));
      ledger.add(readContent(in, key));
    }
    return ledger;
  }

  private void writeContent(PackedWriter out, Event event) {
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

  private Event readContent(PackedReader in, Event.Key key) {
    long[] measures = new long[layout.measureCount()];
    for (int m = 0; m < measures.length; m++) {
      measures[m] = in.signed();
    }
    String[][] labels = new String[tables.size()][];
    for (int d = 0; d < labels.length; d++) {
      List<String> table = tables.get(d);
      int count = in.count();
      labels[d] = count == 0 ? Event.NO_LABELS : new String[count];
      for (int i = 0; i < labels[d].length; i++) {
        labels[d][i] = table.get(in.index(table.size()));
      }
    }
    return new Event(layout, key, measures, labels);
  }
}
