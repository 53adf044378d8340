package io.clientele.featurestore.engine;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Events of which no more is known than time and id, by time and id; none is ahead of the clock. A
 * visitor has hundreds, read anew for each event that comes, so they take 24 bytes each and no
 * object. The earliest can be let go of. Not thread-safe.
 */
final class IdRun {
  private final long[] times;
  private final long[] highs;
  private final long[] lows;
  private int from;

  private IdRun(int size) {
    times = new long[size];
    highs = new long[size];
    lows = new long[size];
  }

  static IdRun empty() {
    return new IdRun(0);
  }

  /** Reads so many, as {@link Packed} lays them out at the beginning of a ledger's events. */
  static IdRun read(PackedReader in, int size) {
    var run = new IdRun(size);
    long timeMs = 0;
    for (int i = 0; i < size; i++) {
      timeMs = i == 0 ? in.signed() : timeMs + in.unsigned();
      run.times[i] = timeMs;
      run.highs[i] = in.int64();
      run.lows[i] = in.int64();
    }
    return run;
  }

  int size() {
    return times.length - from;
  }

  /** The time of the latest; 0 of none. */
  long lastMs() {
    return size() == 0 ? 0 : times[times.length - 1];
  }

  /** Null of none. */
  Event.@Nullable Key first() {
    return size() == 0 ? null : key(from);
  }

  /** Null where there is none of that id. */
  Event.@Nullable Key find(EventId id) {
    for (int i = from; i < highs.length; i++) {
      if (highs[i] == id.high() && lows[i] == id.low()) {
        return key(i);
      }
    }
    return null;
  }

  /** Whether one of them is later than a key, by time and id, and not later than a time. */
  boolean hasBetween(Event.Key key, long untilMs) {
    for (int i = times.length - 1; i >= from && times[i] >= key.timeMs(); i--) {
      if (times[i] <= untilMs && key(i).compareTo(key) > 0) {
        return true;
      }
    }
    return false;
  }

  void dropFirst() {
    from++;
  }

  /** Hands all over, and lets go of them. */
  void drain(Consumer<Event.Key> keys) {
    while (size() > 0) {
      keys.accept(key(from));
      from++;
    }
  }

  private Event.Key key(int i) {
    return new Event.Key(times[i], new EventId(highs[i], lows[i]));
  }
}
