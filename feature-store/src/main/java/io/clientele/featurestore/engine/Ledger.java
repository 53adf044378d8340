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

  /** Of what was read, the ids that nothing more is known of. */
  private final IdRun ids;

  private final Map<EventId, Event.Key> keys = new HashMap<>();

  /** The event, or null where only its key is known. */
  private final NavigableMap<Event.Key, @Nullable Event> events = new TreeMap<>();

  Ledger(EventLayout layout) {
    this(layout, IdRun.empty());
  }

  /** With ids that nothing more is known of; takes them over. */
  Ledger(EventLayout layout, IdRun ids) {
    this.capacity = layout.recentIds();
    this.ids = ids;
  }

  int size() {
    return ids.size() + events.size();
  }

  /** By time and id; the event is null where only its key is known. */
  Collection<Map.Entry<Event.Key, @Nullable Event>> entries() {
    mergeIds();
    return events.entrySet();
  }

  /** The key of the event of that id. */
  Event.@Nullable Key key(EventId id) {
    Event.Key key = keys.get(id);
    return key == null ? ids.find(id) : key;
  }

  /** The event of that id; null where it is not known, or only its key. */
  @Nullable Event event(EventId id) {
    Event.Key key = keys.get(id);
    return key == null ? null : events.get(key);
  }

  /** Whether there is no room for a key, because newer ones fill it. */
  boolean isFullAbove(Event.Key key) {
    if (size() < capacity) {
      return false;
    }
    Event.Key first = first();
    return first != null && key.compareTo(first) < 0;
  }

  /** Whether no event up to a time is later than this one, by time and id. */
  boolean isLast(Event.Key key, long untilMs) {
    Event.Key later = events.higherKey(key);
    return (later == null || later.timeMs() > untilMs) && !ids.hasBetween(key, untilMs);
  }

  /** How many are later than a time that is not before the clock. */
  int countAfter(long timeMs) {
    return isAllUntil(timeMs) ? 0 : events.tailMap(afterAll(timeMs), false).size();
  }

  /** Whether none of those in the map is later than a time. */
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

  /** Adds an event; the earliest goes where there is no room. */
  void add(Event event) {
    keys.put(event.key().id(), event.key());
    events.put(event.key(), event);
    if (size() > capacity) {
      dropFirst();
    }
  }

  void remove(EventId id) {
    mergeIds();
    Event.Key key = keys.remove(id);
    if (key != null) {
      events.remove(key);
    }
  }

  /** Drops those earlier than a time, and says whether there were any. */
  boolean dropBefore(long timeMs) {
    int before = size();
    for (Event.Key first = first(); first != null && first.timeMs() < timeMs; first = first()) {
      dropFirst();
    }
    return size() < before;
  }

  private Event.@Nullable Key first() {
    Event.Key id = ids.first();
    if (events.isEmpty()) {
      return id;
    }
    Event.Key kept = events.firstKey();
    return id != null && id.compareTo(kept) < 0 ? id : kept;
  }

  private void mergeIds() {
    ids.drain(
        key -> {
          keys.putIfAbsent(key.id(), key);
          events.put(key, null);
        });
  }

  private void dropFirst() {
    Event.Key id = ids.first();
    if (events.isEmpty() || (id != null && id.compareTo(events.firstKey()) < 0)) {
      ids.dropFirst();
      return;
    }
    Event.Key first = events.firstKey();
    events.remove(first);
    keys.remove(first.id(), first); // not where a later event has the id by now
  }

  /** The greatest key of a time. */
  private static Event.Key afterAll(long timeMs) {
    return new Event.Key(timeMs, new EventId(-1, -1));
  }
}
