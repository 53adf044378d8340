package io.clientele.featurestore.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * The events that were counted since a ledger was written, by type, in the order in which they
 * came. It is written in the ledger's stead while it is short, as {@link Packed} lays it out. Not
 * thread-safe.
 */
final class Tail {
  private final FeaturePlan plan;

  /** By the index of the type. */
  private final List<List<Event>> events = new ArrayList<>();

  private int count;

  Tail(FeaturePlan plan) {
    this.plan = plan;
    plan.layouts().forEach(_ -> events.add(new ArrayList<>()));
  }

  void add(Event event) {
    events.get(event.layout().index()).add(event);
    count++;
  }

  /** Those of a type. */
  List<Event> of(EventLayout layout) {
    return events.get(layout.index());
  }

  /** How many events of any type. */
  int count() {
    return count;
  }

  /** Writes its sections. */
  void write(PackedWriter out) {
    for (EventLayout layout : plan.layouts()) {
      if (!of(layout).isEmpty()) {
        out.int32(layout.nameId());
        out.int64(layout.ledgerFingerprint());
        int section = out.begin();
        write(out, of(layout));
        out.end(section);
      }
    }
  }

  private static void write(PackedWriter out, List<Event> events) {
    long timeMs = 0;
    for (Event event : events) {
      out.signed(event.timeMs() - timeMs);
      timeMs = event.timeMs();
      out.int64(event.key().id().high());
      out.int64(event.key().id().low());
      for (long measure : event.measures()) {
        out.signed(measure);
      }
      for (String[] labels : event.labels()) {
        out.unsigned(labels.length);
        for (String label : labels) {
          out.text(label);
        }
      }
    }
  }

  /** Reads a section's content, up to its end. */
  void read(PackedReader in, EventLayout layout, int end) {
    long timeMs = 0;
    while (in.position() < end) {
      timeMs += in.signed();
      var key = new Event.Key(timeMs, new EventId(in.int64(), in.int64()));
      long[] measures = new long[layout.measureCount()];
      for (int m = 0; m < measures.length; m++) {
        measures[m] = in.signed();
      }
      String[][] labels = new String[layout.dimensionCount()][];
      for (int d = 0; d < labels.length; d++) {
        int texts = in.count();
        labels[d] = texts == 0 ? Event.NO_LABELS : new String[texts];
        for (int i = 0; i < texts; i++) {
          labels[d][i] = in.text();
        }
      }
      add(new Event(layout, key, measures, labels));
    }
    in.expectEnd(end);
  }
}
