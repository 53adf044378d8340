package io.clientele.featurestore.engine;

import java.util.Arrays;
import java.util.Collection;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is remembered of one customer's events: per type what they come to, which are
 * known, and how they were corrected. Not thread-safe.
 *
 * <p>The order in which events and corrections are folded does not matter, but for what no order
 * can mend: of two different events with the same id the first counts, an event of a type with
 * recent ids must not come after all the newer ones that fill the set, and a correction must not
 * come when its event has left the retention.
 *
 * <p>The state has a clock, the newest moment that it was folded at. An event ahead of the clock,
 * by no more than the catalog's tolerance, is recorded at once and counts from its own time on: no
 * read shows it before. The UTC days of the retention keep tiles; older ones are compacted into the
 * lifetime aggregates, for good, and their events are too old from then on.
 *
 * <p>What was written under another definition of an event type, or is of a type that the catalog
 * does not have, is carried along as it is. Events of such a type begin a history of their own, and
 * its features are unanswered until the events have been recorded anew.
 */
public final class CustomerState {
  /** Of one type; far from where sums could overflow. */
  static final long MAX_EVENTS = 9_000_000;

  /** Events of one type that may wait for their time. */
  static final int MAX_AHEAD = 32;

  private static final byte[] NO_TAIL = {};

  private final FeaturePlan plan;

  /** By the index of the type; null where nothing has been folded of one. */
  private final @Nullable TypeHistory[] types;

  private final ForeignSections foreignSummaries = new ForeignSections();
  private final ForeignSections foreignLedgers = new ForeignSections();
  private final ForeignSections foreignTails = new ForeignSections();

  /** What has been folded since the ledger was written. */
  private final Tail tail;

  /** As it was decoded, while it and the tail tell all; else null, and it is written anew. */
  private byte @Nullable [] ledger;

  private long clockMs = Long.MIN_VALUE;

  private CustomerState(FeaturePlan plan) {
    this.plan = plan;
    this.types = new TypeHistory[plan.layouts().size()];
    this.tail = new Tail(plan);
  }

  /** A customer who has done nothing yet. */
  public static CustomerState empty(FeaturePlan plan) {
    return new CustomerState(plan);
  }

  /**
   * Reads what {@link #encode} or {@link #update} wrote.
   *
   * @param tail empty where there is none
   * @throws StateException if one of them is damaged, or if they do not belong together
   */
  public static CustomerState decode(FeaturePlan plan, byte[] summary, byte[] ledger, byte[] tail) {
    var crc = new CRC32C();
    Packed.check(summary, Packed.SUMMARY_FORMAT, crc);
    Packed.check(ledger, Packed.LEDGER_FORMAT, crc);
    if (tail.length > 0) {
      Packed.check(tail, Packed.LEDGER_FORMAT, crc);
    }
    try {
      var state = new CustomerState(plan);
      state.read(summary, ledger, tail);
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
    TypeHistory type = type(event.layout());
    Moment now = moment(nowMs);
    Outcome outcome = type.judge(event, now);
    if (outcome.verdict().changesState()) {
      advance(now);
      type.add(event, now);
      if (outcome.verdict() == Verdict.APPLIED) {
        tail.add(event);
      } else {
        ledger = null;
      }
    }
    return outcome;
  }

  /**
   * Corrects an event, whether it has come yet or not.
   *
   * @param correction of the plan that this state is of
   * @param nowMs as above
   */
  public Outcome fold(Correction correction, long nowMs) {
    TypeHistory type = type(correction.layout());
    Moment now = moment(nowMs);
    Outcome outcome = type.judge(correction, now);
    if (outcome.verdict().changesState()) {
      advance(now);
      type.correct(correction, now);
      ledger = null;
    }
    return outcome;
  }

  /**
   * Builds the histories of event types anew. Sections of them that this plan cannot read are
   * dropped, and so are those of types that the catalog does not have.
   *
   * @param nowMs as above; events of the log that are further ahead of it than the catalog's
   *     tolerance are not taken
   * @return APPLIED, or DUPLICATE where all was so already
   */
  public Outcome fold(Rebuild rebuild, long nowMs) {
    if (rebuild.isEmpty() && clockMs == Long.MIN_VALUE) {
      return Outcome.DUPLICATE;
    }
    PackedState before = encode();
    Moment end = moment(Math.min(rebuild.newestMs(), nowMs));
    advance(end);
    for (EventLayout layout : plan.layouts()) {
      if (rebuild.has(layout)) {
        types[layout.index()] = new HistoryBuilder(plan, type(layout), end).build(rebuild);
      }
    }
    IntPredicate dropped =
        nameId -> {
          int index = plan.indexOfName(nameId);
          return index < 0 || rebuild.has(plan.layouts().get(index));
        };
    foreignSummaries.removeIf(dropped);
    foreignLedgers.removeIf(dropped);
    foreignTails.removeIf(dropped);
    ledger = null;
    PackedState after = encode();
    return Arrays.equals(before.summary(), after.summary())
            && Arrays.equals(before.ledger(), after.ledger())
            && Arrays.equals(before.tail(), after.tail())
        ? Outcome.DUPLICATE
        : Outcome.APPLIED;
  }

  /** Whether a correction would have to wait for its event. */
  public boolean lacksEventOf(Correction correction, long nowMs) {
    return type(correction.layout()).judge(correction, moment(nowMs)).verdict() == Verdict.PENDING;
  }

  /** The state as bytes; the same for the same events and corrections, whatever their order. */
  public PackedState encode() {
    return encode(encodeSummary());
  }

  /**
   * The state as bytes, to be written over those that it was decoded from: with the same ledger,
   * and all that was folded since in the tail, while that is the shorter way in the long run.
   */
  public PackedState update() {
    byte[] summary = encodeSummary();
    byte[] kept = ledger;
    if (kept != null && tail.count() > 0) {
      byte[] since = encodeTail(summary, kept, tail);
      if (isShort(since, kept)) {
        return new PackedState(summary, kept, since);
      }
    }
    return encode(summary);
  }

  /**
   * Whether a tail is worth its room. With n events of b bytes each between two ledgers of L bytes,
   * an event writes some n * b / 2 bytes of tail and L / n of ledger, which is least at n * n * b =
   * 2 * L.
   */
  private boolean isShort(byte[] since, byte[] kept) {
    return (long) tail.count() * since.length < 2L * kept.length && since.length <= kept.length / 2;
  }

  private PackedState encode(byte[] summary) {
    int checksum = Packed.checksum(summary);
    if (foreignTails.isEmpty()) {
      return new PackedState(summary, encodeLedger(checksum), NO_TAIL);
    }
    byte[] whole = encodeLedger(~checksum);
    return new PackedState(summary, whole, encodeTail(summary, whole, new Tail(plan)));
  }

  /** The part of {@link #encode} that reads need. */
  byte[] encodeSummary() {
    PackedWriter out = Packed.open();
    out.signed(clockMs);
    writeBody(out, clockMs);
    for (long timeMs : timesAhead()) {
      writeBody(out, timeMs);
    }
    return Packed.seal(out, Packed.SUMMARY_FORMAT);
  }

  /**
   * What {@link PackedState#summary} would have been at a moment, had all that is known now been
   * known then. It tells as far back as the state does: what it cannot tell any more is unanswered.
   *
   * @param asOfMs also before the clock
   */
  public byte[] summaryAsOf(long asOfMs) {
    PackedWriter out = Packed.open();
    out.signed(asOfMs);
    out.unsigned(0);
    int body = out.begin();
    for (TypeHistory type : types) {
      if (type != null) {
        writeSection(out, type.layout(), type.asOf(asOfMs, clockMs));
      }
    }
    foreignSummaries.write(out);
    out.end(body);
    return Packed.seal(out, Packed.SUMMARY_FORMAT);
  }

  private byte[] encodeLedger(int writtenWith) {
    PackedWriter out = Packed.open();
    out.int32(writtenWith);
    for (TypeHistory type : types) {
      if (type != null && !type.isEmpty()) {
        writeHead(out, type.layout(), type.layout().ledgerFingerprint());
        int section = out.begin();
        LedgerSection.write(out, type, clockMs);
        out.end(section);
      }
    }
    foreignLedgers.write(out);
    return Packed.seal(out, Packed.LEDGER_FORMAT);
  }

  private byte[] encodeTail(byte[] summary, byte[] of, Tail own) {
    PackedWriter out = Packed.open();
    out.int32(Packed.checksum(summary));
    out.int32(Packed.checksum(of));
    own.write(out);
    foreignTails.write(out);
    return Packed.seal(out, Packed.LEDGER_FORMAT);
  }

  private TypeHistory type(EventLayout layout) {
    if (!plan.has(layout)) {
      throw new IllegalArgumentException("an event of another plan: " + layout.name());
    }
    TypeHistory known = types[layout.index()];
    if (known == null) {
      known = new TypeHistory(layout);
      types[layout.index()] = known;
    }
    return known;
  }

  private Moment moment(long nowMs) {
    return plan.moment(Math.max(nowMs, clockMs));
  }

  private void advance(Moment now) {
    if (now.ms() != clockMs) {
      for (TypeHistory type : types) {
        if (type != null && type.advance(clockMs, now)) {
          ledger = null;
        }
      }
      clockMs = now.ms();
    }
  }

  /** When events ahead of the clock begin to count, ascending. */
  private Collection<Long> timesAhead() {
    var times = new TreeSet<Long>();
    for (TypeHistory type : types) {
      if (type != null) {
        for (Event event : type.ledger().between(clockMs, Long.MAX_VALUE)) {
          times.add(event.timeMs());
        }
      }
    }
    return times;
  }

  /** What the types come to from a moment on that is not before the clock. */
  private void writeBody(PackedWriter out, long fromMs) {
    out.unsigned(fromMs - clockMs);
    int body = out.begin();
    for (TypeHistory type : types) {
      if (type != null) {
        writeSection(out, type.layout(), type.at(fromMs, clockMs));
      }
    }
    foreignSummaries.write(out);
    out.end(body);
  }

  /**
   * Writes a section of the summary, unless there are no events.
   *
   * @param state null where it cannot be told
   */
  private static void writeSection(
      PackedWriter out, EventLayout layout, @Nullable TypeState state) {
    if (state == null) {
      writeHead(out, layout, EventLayout.UNTOLD);
      out.end(out.begin());
    } else if (!state.isEmpty()) {
      writeHead(out, layout, layout.fingerprint());
      int section = out.begin();
      state.write(out);
      out.end(section);
    }
  }

  private static void writeHead(PackedWriter out, EventLayout layout, long fingerprint) {
    out.int32(layout.nameId());
    out.int64(fingerprint);
  }

  private void read(byte[] summary, byte[] packedLedger, byte[] packedTail) {
    var in = new PackedReader();
    in.open(summary, Packed.HEADER_BYTES);
    clockMs = in.signed();
    int[] starts = readSummary(in);
    boolean current = packedLedger[0] == Packed.LEDGER_FORMAT;
    var ledgerIn = new PackedReader();
    ledgerIn.open(packedLedger, Packed.HEADER_BYTES);
    int writtenWith = ledgerIn.int32();
    if (packedTail.length > 0) {
      readTail(summary, packedLedger, packedTail);
    } else if (writtenWith != Packed.checksum(summary)) {
      throw new StateException("state is damaged: summary and ledger are of different writes");
    }
    while (ledgerIn.hasMore()) {
      int nameId = ledgerIn.int32();
      long fingerprint = ledgerIn.int64();
      int end = ledgerIn.blockEnd();
      EventLayout layout = plan.layoutOfLedger(nameId, fingerprint);
      boolean secondFormat = layout == null;
      if (layout == null) {
        layout = plan.layout(nameId, fingerprint);
      }
      if (layout == null) {
        foreignLedgers.add(nameId, fingerprint, ledgerIn.bytesTo(end));
        continue;
      }
      int start = starts[layout.index()];
      in.moveTo(start);
      types[layout.index()] =
          secondFormat
              ? LedgerSection.readSecondFormat(ledgerIn, layout, start == 0 ? null : in, clockMs)
              : LedgerSection.read(ledgerIn, layout, tail.of(layout), clockMs);
      ledgerIn.expectEnd(end);
      current &= !secondFormat;
    }
    for (EventLayout layout : plan.layouts()) {
      if (types[layout.index()] == null && !tail.of(layout).isEmpty()) {
        types[layout.index()] =
            TypeHistory.of(
                new Ledger(layout),
                new Corrections(),
                new TypeState(layout),
                tail.of(layout),
                clockMs);
      }
      if (types[layout.index()] == null && starts[layout.index()] != 0) {
        throw new StateException("state is damaged: no ledger of " + layout.name());
      }
    }
    ledger = current ? packedLedger : null;
  }

  private void readTail(byte[] summary, byte[] packedLedger, byte[] packedTail) {
    var in = new PackedReader();
    in.open(packedTail, Packed.HEADER_BYTES);
    if (in.int32() != Packed.checksum(summary) || in.int32() != Packed.checksum(packedLedger)) {
      throw new StateException("state is damaged: its parts are of different writes");
    }
    while (in.hasMore()) {
      int nameId = in.int32();
      long fingerprint = in.int64();
      int end = in.blockEnd();
      EventLayout layout = plan.layoutOfLedger(nameId, fingerprint);
      if (layout == null) {
        foreignTails.add(nameId, fingerprint, in.bytesTo(end));
      } else {
        tail.read(in, layout, end);
      }
    }
  }

  /** Finds the sections of the first body; by type where its content begins, 0 for none. */
  private int[] readSummary(PackedReader in) {
    int[] starts = new int[types.length];
    in.unsigned();
    int bodyEnd = in.blockEnd();
    while (in.position() < bodyEnd) {
      int nameId = in.int32();
      long fingerprint = in.int64();
      int end = in.blockEnd();
      EventLayout layout = plan.layout(nameId, fingerprint);
      if (layout == null) {
        foreignSummaries.add(nameId, fingerprint, in.bytesTo(end));
      } else {
        starts[layout.index()] = in.position();
        in.moveTo(end);
      }
    }
    return starts;
  }
}
