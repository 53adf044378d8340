package io.clientele.featurestore.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
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

  /** The key of the event of that id. */
  Event.@Nullable Key key(EventId id) {
    return keys.get(id);
  }

  /** The event of that id; null where it is not known, or only its key. */
  @Nullable Event event(EventId id) {
    Event.Key key = keys.get(id);
    return key == null ? null : events.get(key);
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

  /** How many are later than a time. */
  int countAfter(long timeMs) {
    return isAllUntil(timeMs) ? 0 : events.tailMap(afterAll(timeMs), false).size();
  }

  /** Whether none is later than a time. */
  private boolean isAllUntil(long timeMs) {
    return events.isEmpty() || events.lastKey().timeMs() <= timeMs;
  }

  /** Those kept that are later than a time, up to another. */
  List<Event> between(long afterMs, long untilMs) {
    if (afterMs >= untilMs || isAllUntil(afterMs) || events.firstKey().timeMs() > untilMs) {
      return List.of();
    }
    var found = new ArrayList<Event>(events.size());
    for (Event event : events.subMap(afterAll(afterMs), false, afterAll(untilMs), true).values()) {
      if (event != null) {
        found.add(event);
      }
    }
    return found;
  }

  /** Adds an event, or only its key; the earliest goes where there is no room. */
  void add(Event.Key key, @Nullable Event event) {
    keys.put(key.id(), key);
    events.put(key, event);
    if (events.size() > capacity) {
      dropFirst();
    }
  }

  void remove(EventId id) {
    Event.Key key = keys.remove(id);
    if (key != null) {
      events.remove(key);
    }
  }

  /** Drops those earlier than a time, and says whether there were any. */
  boolean dropBefore(long timeMs) {
    int before = events.size();
    while (!events.isEmpty() && events.firstKey().timeMs() < timeMs) {
      dropFirst();
    }
    return events.size() < before;
  }

  private void dropFirst() {
    Event.Key first = events.firstKey();
    events.remove(first);
    keys.remove(first.id(), first); // not where a later event has the id by now
  }

  /** The greatest key of a time. */
  private static Event.Key afterAll(long timeMs) {
    return new Event.Key(timeMs, new EventId(-1, -1));
  }
}
