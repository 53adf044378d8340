package io.clientele.featurestore.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of a customer's events of one type: what they come to, which are known, and
 * how they were corrected. Not thread-safe.
 *
 * <p>Of a type that keeps its events, all follows from the base, which is what the events that left
 * the retention come to, and the events in the ledger: so a correction takes the effect of an event
 * back out exactly, and a past moment can be told. Of a type with recent ids, events that are
 * counted are gone but for their ids.
 */
final class TypeHistory {
  private final EventLayout layout;
  private final Ledger ledger;
  private final Corrections corrections;

  /** Without events where the type does not keep them. */
  private final TypeState base;

  /** Of the events up to the clock. */
  private TypeState state;

  TypeHistory(EventLayout layout) {
    this(
        layout,
        new Ledger(layout),
        new Corrections(),
        new TypeState(layout),
        new TypeState(layout));
  }

  private TypeHistory(
      EventLayout layout, Ledger ledger, Corrections corrections, TypeState base, TypeState state) {
    this.layout = layout;
    this.ledger = ledger;
    this.corrections = corrections;
    this.base = base;
    this.state = state;
  }

  /**
   * What a ledger and the events since say.
   *
   * @param remembered what the events come to that the ledger does not keep
   * @param since in the order in which they came
   */
  static TypeHistory of(
      Ledger ledger,
      Corrections corrections,
      TypeState remembered,
      List<Event> since,
      long clockMs) {
    return remembered.layout().keepsEvents()
        ? ofEvents(ledger, corrections, remembered, since, clockMs)
        : ofIds(ledger, remembered, since, clockMs);
  }

  private static TypeHistory ofEvents(
      Ledger ledger, Corrections corrections, TypeState base, List<Event> since, long clockMs) {
    since.forEach(ledger::add);
    var history = new TypeHistory(base.layout(), ledger, corrections, base, base);
    history.state = history.rebuilt(clockMs);
    return history;
  }

  private static TypeHistory ofIds(
      Ledger ledger, TypeState state, List<Event> since, long clockMs) {
    // The ledger keeps events that were ahead of the clock when it was written, and thus not
    // counted; some of them may not be any more.
    for (Event event : ledger.between(Long.MIN_VALUE, clockMs)) {
      state.add(event, ledger.isLast(event.key(), clockMs));
    }
    // Only now, as they may take the place of others.
    since.forEach(ledger::add);
    for (Event event : since) {
      if (event.timeMs() <= clockMs) {
        state.add(event, ledger.isLast(event.key(), clockMs));
      }
    }
    EventLayout layout = state.layout();
    return new TypeHistory(layout, ledger, new Corrections(), new TypeState(layout), state);
  }

  EventLayout layout() {
    return layout;
  }

  Ledger ledger() {
    return ledger;
  }

  Corrections corrections() {
    return corrections;
  }

  TypeState base() {
    return base;
  }

  TypeState state() {
    return state;
  }

  boolean isEmpty() {
    return state.isEmpty() && ledger.size() == 0 && corrections.isEmpty();
  }

  /** What becomes of an event; nothing is changed yet. */
  Outcome judge(Event event, Moment now) {
    Outcome refused = checkTime("event_time", event.timeMs(), firstDayTaken(now), now);
    if (refused != null) {
      return refused;
    }
    Corrections.Entry corrected = corrections.get(event.key().id(), now.firstMs());
    if (corrected != null) {
      return corrected.seen() ? Outcome.DUPLICATE : Outcome.SUPERSEDED;
    }
    Event.Key known = ledger.key(event.key().id());
    if (known != null && known.timeMs() >= now.firstMs()) {
      return Outcome.DUPLICATE;
    }
    if (ledger.isFullAbove(event.key())) {
      return Outcome.tooOld(
          Refusal.of(
              "event_time",
              "older than all of the " + ledger.size() + " ids that are known",
              "one of the newest"));
    }
    refused = checkRoom(event, now);
    return refused == null ? Outcome.APPLIED : refused;
  }

  /** What becomes of a correction; nothing is changed yet. */
  Outcome judge(Correction correction, Moment now) {
    Outcome refused =
        checkTime("correction.corrected_at", correction.mark().correctedMs(), now.firstDay(), now);
    if (refused != null) {
      return refused;
    }
    Corrections.Entry held = corrections.get(correction.id(), now.firstMs());
    if (held != null && held.mark().equals(correction.mark())) {
      return Outcome.DUPLICATE;
    }
    if (held != null && held.mark().compareTo(correction.mark()) > 0) {
      return Outcome.stale(
          Refusal.of(
              "correction.corrected_at",
              Times.text(correction.mark().correctedMs()),
              "after " + Times.text(held.mark().correctedMs()) + ", that of the one that holds"));
    }
    Event.Key known = ledger.key(correction.id());
    boolean gone = held != null && !held.mark().cancels() && known == null;
    if (gone || (known != null && known.timeMs() < now.firstMs())) {
      return Outcome.tooOld(
          Refusal.of("event_id", "an event from before the retention", "one within it"));
    }
    if (held == null && corrections.isFull(now.firstMs())) {
      return Outcome.rejected(
          Refusal.of(
              "correction",
              "one more",
              "at most " + Corrections.MAX + " events of a customer and type"));
    }
    Event amended = correction.amended();
    refused =
        amended == null ? null : checkTime("event_time", amended.timeMs(), firstDayTaken(now), now);
    if (refused == null && amended != null) {
      refused = checkRoom(amended, now);
    }
    if (refused != null) {
      return refused;
    }
    boolean seen = held == null ? known != null : held.seen();
    return seen ? Outcome.APPLIED : Outcome.PENDING;
  }

  /** Adds an event that was not refused. */
  void add(Event event, Moment now) {
    EventId id = event.key().id();
    Corrections.Entry corrected = corrections.get(id, now.firstMs());
    if (corrected != null) {
      corrections.put(id, new Corrections.Entry(corrected.mark(), event.timeMs()));
      return;
    }
    ledger.add(event);
    if (event.timeMs() <= now.ms()) {
      state.add(event, ledger.isLast(event.key(), now.ms()));
    }
  }

  /** Applies a correction that was not refused. */
  void correct(Correction correction, Moment now) {
    EventId id = correction.id();
    Corrections.Entry held = corrections.get(id, now.firstMs());
    Event.Key known = ledger.key(id);
    long originalMs = known == null ? Corrections.UNSEEN : known.timeMs();
    corrections.put(
        id,
        new Corrections.Entry(correction.mark(), held == null ? originalMs : held.originalMs()));
    ledger.remove(id);
    Event amended = correction.amended();
    if (amended != null) {
      ledger.add(amended);
    }
    state = rebuilt(now.ms());
  }

  /**
   * Counts the events whose time has come and lets go of what has left the retention.
   *
   * @return whether there was any of the latter
   */
  boolean advance(long clockMs, Moment now) {
    for (Event event : ledger.between(clockMs, now.ms())) {
      state.add(event, true);
    }
    boolean letGo = state.compact(now.firstDay());
    if (layout.keepsEvents()) {
      base.addAll(ledger.between(Long.MIN_VALUE, now.firstMs() - 1));
      letGo |= base.compact(now.firstDay());
    }
    letGo |= ledger.dropBefore(now.firstMs());
    letGo |= corrections.dropBefore(now.firstMs());
    return letGo;
  }

  /** What the events up to a moment come to, which is not before the clock. */
  TypeState at(long momentMs, long clockMs) {
    List<Event> more = ledger.between(clockMs, momentMs);
    if (more.isEmpty()) {
      return state;
    }
    TypeState then = state.copy();
    then.addAll(more);
    return then;
  }

  /** What the events up to any moment come to; null where that cannot be told any more. */
  @Nullable TypeState asOf(long momentMs, long clockMs) {
    if (momentMs >= clockMs) {
      return at(momentMs, clockMs);
    }
    if (layout.keepsEvents() && (base.isEmpty() || base.lastMs() <= momentMs)) {
      return rebuilt(momentMs);
    }
    if (state.isEmpty() || state.lastMs() <= momentMs) {
      return state;
    }
    return state.firstMs() > momentMs ? new TypeState(layout) : null;
  }

  private TypeState rebuilt(long momentMs) {
    TypeState rebuilt = base.copy();
    rebuilt.addAll(ledger.between(Long.MIN_VALUE, momentMs));
    return rebuilt;
  }

  /** The earliest day whose events are taken: of days whose tiles are gone, ids are gone too. */
  private long firstDayTaken(Moment now) {
    Gaps compacted = state.compacted();
    return compacted.days() == 0
        ? now.firstDay()
        : Math.max(now.firstDay(), compacted.lastDay() + 1);
  }

  private static @Nullable Outcome checkTime(String field, long timeMs, long firstDay, Moment now) {
    if (timeMs > now.latestMs()) {
      return Outcome.rejected(
          Refusal.of(
              field,
              (timeMs - now.ms()) + " ms ahead of the clock",
              "at most " + (now.latestMs() - now.ms()) + " ms"));
    }
    return Days.of(timeMs) >= firstDay
        ? null
        : Outcome.tooOld(
            Refusal.of(
                field, "UTC day " + Days.text(Days.of(timeMs)), Days.text(firstDay) + " or later"));
  }

  private @Nullable Outcome checkRoom(Event event, Moment now) {
    int ahead = ledger.countAfter(now.ms());
    int maxAhead = Math.min(CustomerState.MAX_AHEAD, layout.recentIds());
    Event.Key replaced = ledger.key(event.key().id());
    int more = replaced == null || replaced.timeMs() <= now.ms() ? 1 : 0;
    if (event.timeMs() > now.ms() && ahead + more > maxAhead) {
      return Outcome.rejected(
          Refusal.of("event_time", "ahead of the clock", "at most " + maxAhead + " such events"));
    }
    if (state.events() + ahead >= CustomerState.MAX_EVENTS) {
      return Outcome.rejected(
          Refusal.of(
              "type",
              layout.name(),
              "at most " + CustomerState.MAX_EVENTS + " events of a customer"));
    }
    return null;
  }
}
