package io.clientele.featurestore.engine;

import io.clientele.featurestore.engine.Correction.Mark;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which of a customer's events of one type were corrected: of each the correction that holds. What
 * an amended event says is in the ledger, for as long as the retention lasts. Not thread-safe.
 */
final class Corrections {
  /** Of one customer and type. */
  static final int MAX = 1_024;

  /** Of an event that has not come itself. */
  static final long UNSEEN = Long.MIN_VALUE;

  /**
   * What holds of one event.
   *
   * @param originalMs the time of the event as it came itself, or {@link #UNSEEN}
   */
  record Entry(Mark mark, long originalMs) {
    boolean seen() {
      return originalMs != UNSEEN;
    }

    /** Until when the event, or another correction of it, could still come. */
    long lastMs() {
      return Math.max(mark.correctedMs(), originalMs);
    }
  }

  private final NavigableMap<EventId, Entry> entries = new TreeMap<>();

  static Corrections read(PackedReader in) {
    var corrections = new Corrections();
    int count = in.count();
    for (int i = 0; i < count; i++) {
      var id = new EventId(in.int64(), in.int64());
      long correctedMs = in.signed();
      long digest = in.int64();
      long seen = in.unsigned();
      long originalMs = seen == 0 ? UNSEEN : correctedMs + in.signed();
      corrections.put(id, new Entry(new Mark(correctedMs, digest), originalMs));
    }
    return corrections;
  }

  void write(PackedWriter out) {
    out.unsigned(entries.size());
    for (Map.Entry<EventId, Entry> corrected : entries.entrySet()) {
      Entry entry = corrected.getValue();
      out.int64(corrected.getKey().high());
      out.int64(corrected.getKey().low());
      out.signed(entry.mark.correctedMs());
      out.int64(entry.mark.digest());
      out.unsigned(entry.seen() ? 1 : 0);
      if (entry.seen()) {
        out.signed(entry.originalMs - entry.mark.correctedMs());
      }
    }
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  /** By id. */
  Map<EventId, Entry> entries() {
    return entries;
  }

  /** Whether there is no room for another, but for those from before a time. */
  boolean isFull(long fromMs) {
    return entries.size() >= MAX
        && entries.values().stream().filter(entry -> entry.lastMs() >= fromMs).count() >= MAX;
  }

  /** What holds of an event, unless it is from before a time. */
  @Nullable Entry get(EventId id, long fromMs) {
    Entry entry = entries.isEmpty() ? null : entries.get(id);
    return entry == null || entry.lastMs() < fromMs ? null : entry;
  }

  void put(EventId id, Entry entry) {
    entries.put(id, entry);
  }

  /** Drops those from before a time, and says whether there were any. */
  boolean dropBefore(long timeMs) {
    return entries.values().removeIf(entry -> entry.lastMs() < timeMs);
  }
}
