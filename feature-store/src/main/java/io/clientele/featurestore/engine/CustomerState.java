package io.clientele.featurestore.engine;

import java.util.Collection;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is remembered of one customer's events: per type what they come to, and which are
 * known. Not thread-safe.
 *
 * <p>The order in which events are folded does not matter, but for what no order can mend: of two
 * different events with the same id the first counts, and an event of a type with recent ids must
 * not come after all the newer ones that fill the set.
 *
 * <p>The state has a clock, the newest moment that it was folded at. An event ahead of the clock,
 * by no more than the catalog's tolerance, is recorded at once and counts from its own time on: no
 * read shows it before. The UTC days of the retention keep tiles; older ones are compacted into the
 * lifetime aggregates, for good, and their events are too old from then on.
 */
public final class CustomerState {
  /** Of one type; far from where sums could overflow. */
  static final long MAX_EVENTS = 9_000_000;

  /** Events of one type that may wait for their time. */
  static final int MAX_AHEAD = 32;

  private final FeaturePlan plan;
  private final TypeState[] types;
  private final Ledger[] ledgers;
  private long clockMs = Long.MIN_VALUE;

  private CustomerState(FeaturePlan plan) {
    this.plan = plan;
    this.types = plan.layouts().stream().map(TypeState::new).toArray(TypeState[]::new);
    this.ledgers = plan.layouts().stream().map(Ledger::new).toArray(Ledger[]::new);
  }

  /** A customer who has done nothing yet. */
  public static CustomerState empty(FeaturePlan plan) {
    return new CustomerState(plan);
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws StateException if one of them is damaged, if they do not belong together, or if they
   *     were written under other definitions of event types
   */
  public static CustomerState decode(FeaturePlan plan, byte[] summary, byte[] ledger) {
    var crc = new CRC32C();
    Packed.check(summary, crc);
    Packed.check(ledger, crc);
    try {
      var state = new CustomerState(plan);
      state.read(summary, ledger);
      return state;
    } catch (IndexOutOfBoundsException e) {
      throw new StateException("state is damaged: " + e.getMessage());
    }
  }

  /**
   * Counts an event, once.
   *
   * @param event of the plan that this state is of
   * @param nowMs the clock; an earlier one than the state's counts as the state's
   */
  public Outcome fold(Event event, long nowMs) {
    EventLayout layout = event.layout();
    if (!plan.has(layout)) {
      throw new IllegalArgumentException("an event of another plan: " + event.typeName());
    }
    long moment = Math.max(nowMs, clockMs);
    Ledger ledger = ledgers[layout.index()];
    Outcome refused = check(event, moment, ledger);
    if (refused != null) {
      return refused;
    }
    advance(moment);
    ledger.add(event.key(), event);
    if (event.timeMs() <= moment) {
      types[layout.index()].add(event, ledger.isLast(event.key(), moment));
    }
    return Outcome.APPLIED;
  }

  /** The state as bytes; the same for the same events, whatever their order. */
  public PackedState encode() {
    byte[] summary = encodeSummary();
    return new PackedState(summary, encodeLedger(Packed.checksum(summary)));
  }

  /** The part of {@link #encode} that reads need. */
  byte[] encodeSummary() {
    var out = new PackedWriter();
    out.signed(clockMs);
    writeBody(out, clockMs, types);
    TypeState[] later = types;
    for (long timeMs : timesAhead()) {
      later = at(later, timeMs);
      writeBody(out, timeMs, later);
    }
    return Packed.seal(out);
  }

  private byte[] encodeLedger(int summaryChecksum) {
    var out = new PackedWriter();
    out.int32(summaryChecksum);
    for (EventLayout layout : plan.layouts()) {
      TypeState type = types[layout.index()];
      Ledger ledger = ledgers[layout.index()];
      if (type.events() > 0 || ledger.size() > 0) {
        var section = new PackedWriter();
        LedgerSection.write(section, type, ledger, clockMs);
        out.int64(layout.fingerprint());
        out.block(section);
      }
    }
    return Packed.seal(out);
  }

  private @Nullable Outcome check(Event event, long moment, Ledger ledger) {
    long timeMs = event.timeMs();
    if (timeMs > moment + plan.catalog().futureToleranceMs()) {
      return Outcome.rejected(
          Refusal.of(
              "event_time",
              (timeMs - moment) + " ms ahead of the clock",
              "at most " + plan.catalog().futureToleranceMs() + " ms"));
    }
    long firstDay = plan.firstDayKept(moment);
    if (Days.of(timeMs) < firstDay) {
      return Outcome.tooOld(
          Refusal.of(
              "event_time",
              "UTC day " + Days.text(Days.of(timeMs)),
              Days.text(firstDay) + " or later"));
    }
    if (ledger.knows(event.key().id(), firstDay * Days.MS)) {
      return Outcome.DUPLICATE;
    }
    if (ledger.isFullAbove(event.key())) {
      return Outcome.tooOld(
          Refusal.of(
              "event_time",
              "older than all of the " + ledger.size() + " ids that are known",
              "one of the newest"));
    }
    return checkRoom(event, moment, ledger);
  }

  private @Nullable Outcome checkRoom(Event event, long moment, Ledger ledger) {
    int ahead = ledger.after(moment).size();
    int maxAhead = Math.min(MAX_AHEAD, event.layout().recentIds());
    if (event.timeMs() > moment && ahead >= maxAhead) {
      return Outcome.rejected(
          Refusal.of("event_time", "ahead of the clock", "at most " + maxAhead + " such events"));
    }
    if (types[event.layout().index()].events() + ahead >= MAX_EVENTS) {
      return Outcome.rejected(
          Refusal.of("type", event.typeName(), "at most " + MAX_EVENTS + " events of a customer"));
    }
    return null;
  }

  /** Counts the events whose time has come and lets go of what has left the retention. */
  private void advance(long moment) {
    if (moment == clockMs) {
      return;
    }
    long firstDay = plan.firstDayKept(moment);
    for (EventLayout layout : plan.layouts()) {
      TypeState type = types[layout.index()];
      Ledger ledger = ledgers[layout.index()];
      addBetween(type, clockMs, moment);
      type.compact(firstDay);
      ledger.dropBefore(firstDay * Days.MS);
    }
    clockMs = moment;
  }

  private void addBetween(TypeState type, long afterMs, long untilMs) {
    for (Event event : ledgers[type.layout().index()].after(afterMs)) {
      if (event != null && event.timeMs() <= untilMs) {
        type.add(event, true);
      }
    }
  }

  /** When events ahead of the clock begin to count, ascending. */
  private Collection<Long> timesAhead() {
    var times = new TreeSet<Long>();
    for (Ledger ledger : ledgers) {
      for (Event event : ledger.after(clockMs)) {
        if (event != null) {
          times.add(event.timeMs());
        }
      }
    }
    return times;
  }

  /** What the types come to when the events of the next moment ahead count too. */
  private TypeState[] at(TypeState[] before, long timeMs) {
    TypeState[] then = new TypeState[before.length];
    for (int t = 0; t < before.length; t++) {
      then[t] = before[t].copy();
      addBetween(then[t], timeMs - 1, timeMs);
    }
    return then;
  }

  private void writeBody(PackedWriter out, long fromMs, TypeState[] states) {
    var body = new PackedWriter();
    for (TypeState type : states) {
      if (type.events() > 0) {
        var section = new PackedWriter();
        type.write(section);
        body.int64(type.layout().fingerprint());
        body.block(section);
      }
    }
    out.unsigned(fromMs - clockMs);
    out.block(body);
  }

  private void read(byte[] summary, byte[] ledger) {
    var in = new PackedReader();
    in.open(summary, Packed.HEADER_BYTES);
    clockMs = in.signed();
    var ledgerIn = new PackedReader();
    ledgerIn.open(ledger, Packed.HEADER_BYTES);
    if (ledgerIn.int32() != Packed.checksum(summary)) {
      throw new StateException("state is damaged: summary and ledger are of different writes");
    }
    @Nullable LedgerSection[] sections = new LedgerSection[types.length];
    while (ledgerIn.hasMore()) {
      EventLayout layout = plan.layout(ledgerIn.int64());
      int end = ledgerIn.blockEnd();
      LedgerSection section = LedgerSection.read(ledgerIn, layout, clockMs);
      ledgerIn.expectEnd(end);
      sections[layout.index()] = section;
      ledgers[layout.index()] = section.ledger();
    }
    in.unsigned();
    int bodyEnd = in.blockEnd();
    while (in.position() < bodyEnd) {
      EventLayout layout = plan.layout(in.int64());
      int end = in.blockEnd();
      LedgerSection section = sections[layout.index()];
      if (section == null) {
        throw new StateException("state is damaged: no ledger of " + layout.name());
      }
      types[layout.index()] = TypeState.read(layout, in, section.compacted(), section.labels());
      in.expectEnd(end);
    }
  }
}
