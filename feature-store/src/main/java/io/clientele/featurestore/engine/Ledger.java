package io.clientele.featurestore.engine;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The ids of a customer's events of one type, over the retention or the newest of them, with the
 * events themselves where they are kept. Not thread-safe.
 */
final class Ledger {
  private final int capacity;
  private final Map<EventId, Event.Key> keys = new HashMap<>();

  /** The event, or null where only its key is known. */
  private final NavigableMap<Event.Key, @Nullable Event> events = new TreeMap<>();

  Ledger(EventLayout layout) {
    this.capacity = layout.recentIds();
  }

  int size() {
    return events.size();
  }

  /** By time and id; the event is null where only its key is known. */
  Collection<Map.Entry<Event.Key, @Nullable Event>> entries() {
    return events.entrySet();
  }

  /** Whether an event of that id is known, at or after a time. */
  boolean knows(EventId id, long fromMs) {
    Event.Key key = keys.get(id);
    return key != null && key.timeMs() >= fromMs;
  }

  /** Whether there is no room for a key, because newer ones fill it. */
  boolean isFullAbove(Event.Key key) {
    return events.size() >= capacity && key.compareTo(events.firstKey()) < 0;
  }

  /** Whether no event up to a time is later than this one, by time and id. */
  boolean isLast(Event.Key key, long untilMs) {
    Event.Key later = events.higherKey(key);
    return later == null || later.timeMs() > untilMs;
  }

  /** Those later than a time. */
  Collection<@Nullable Event> after(long timeMs) {
    return events.tailMap(afterAll(timeMs), false).values();
  }

  /** Adds an event, or only its key; the earliest goes where there is no room. */
  void add(Event.Key key, @Nullable Event event) {
    keys.put(key.id(), key);
    events.put(key, event);
    if (events.size() > capacity) {
      dropFirst();
    }
  }

  /** Drops those earlier than a time. */
  void dropBefore(long timeMs) {
    while (!events.isEmpty() && events.firstKey().timeMs() < timeMs) {
      dropFirst();
    }
  }

  private void dropFirst() {
    Event.Key first = events.firstKey();
    events.remove(first);
    keys.remove(first.id());
  }

  /** The greatest key of a time. */
  private static Event.Key afterAll(long timeMs) {
    return new Event.Key(timeMs, new EventId(-1, -1));
  }
}
