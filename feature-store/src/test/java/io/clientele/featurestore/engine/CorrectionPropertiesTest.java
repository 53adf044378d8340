package io.clientele.featurestore.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.featurestore.engine.TestingOracle.RawEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

class CorrectionPropertiesTest {
  private static final FeaturePlan PLAN = TestingShop.PLAN;
  private static final int RETENTION_DAYS = 40;
  private static final int DAYS = 45;
  private static final long START = TestingShop.DAY_0;
  private static final long NOW = START + DAYS * Days.MS;

  /**
   * What a caller sends: an event, or a correction of one.
   *
   * @param event what happened, or happened in truth; of a cancellation only its type and id count
   * @param correctedMs null for an event
   * @param cancels whether it did not happen
   */
  record Sent(RawEvent event, @Nullable Long correctedMs, boolean cancels) {
    Change decode() {
      if (correctedMs == null) {
        return event.decode(PLAN);
      }
      return cancels
          ? TestingShop.cancel(event.id(), correctedMs)
          : TestingShop.amend(event.decode(PLAN), correctedMs);
    }

    /** When it arrives, where nothing is late. */
    long atMs() {
      if (correctedMs == null) {
        return event.timeMs();
      }
      return cancels ? correctedMs : Math.max(correctedMs, event.timeMs());
    }

    long earliestMs() {
      return correctedMs == null ? event.timeMs() : Math.min(correctedMs, event.timeMs());
    }

    Sent stretched(int by) {
      Long corrected = correctedMs == null ? null : stretched(correctedMs, by);
      return new Sent(
          new RawEvent(
              event.type(),
              event.id(),
              stretched(event.timeMs(), by),
              event.measures(),
              event.dimensions()),
          corrected,
          cancels);
    }

    private static long stretched(long timeMs, int by) {
      return START + (timeMs - START) * by;
    }
  }

  @Property(tries = 500)
  void anyOrderGivesTheSameBytes(@ForAll("sent") List<Sent> sent, @ForAll Random random) {
    List<Sent> shuffled = new ArrayList<>(sent);
    Collections.shuffle(shuffled, random);

    PackedState packed = fold(decoded(sent)).encode();
    PackedState other = fold(decoded(shuffled)).encode();

    assertThat(other.summary()).isEqualTo(packed.summary());
    assertThat(other.ledger()).isEqualTo(packed.ledger());
  }

  @Property(tries = 500)
  void theCancelledNeverHappenedAndTheAmendedWasAlwaysSo(@ForAll("sent") List<Sent> sent) {
    List<Change> truth = new ArrayList<>();
    for (Sent one : truth(sent)) {
      truth.add(one.event().decode(PLAN));
    }

    assertThat(fold(decoded(sent)).encode().summary()).isEqualTo(fold(truth).encode().summary());
  }

  @Property(tries = 300)
  void sendingAllAgainChangesNothing(@ForAll("sent") List<Sent> sent, @ForAll Random random) {
    CustomerState state = fold(decoded(sent));
    PackedState before = state.encode();
    List<Sent> again = new ArrayList<>(sent);
    Collections.shuffle(again, random);

    for (Sent one : again) {
      assertThat(TestingShop.fold(state, one.decode(), NOW).verdict().changesState()).isFalse();
    }

    assertThat(state.encode().summary()).isEqualTo(before.summary());
    assertThat(state.encode().ledger()).isEqualTo(before.ledger());
  }

  @Property(tries = 500)
  void packedStateReadsBackAsItWas(
      @ForAll("sent") List<Sent> sent, @ForAll("sent") List<Sent> more) {
    CustomerState state = fold(decoded(sent));
    PackedState packed = state.encode();
    var read = CustomerState.decode(PLAN, packed.summary(), packed.ledger(), packed.tail());

    assertThat(read.encode().ledger()).isEqualTo(packed.ledger());
    long later = NOW + 20 * Days.MS;
    for (Sent one : more) {
      assertThat(TestingShop.fold(read, one.decode(), later))
          .isEqualTo(TestingShop.fold(state, one.decode(), later));
    }
    assertThat(read.encode().summary()).isEqualTo(state.encode().summary());
    assertThat(read.encode().ledger()).isEqualTo(state.encode().ledger());
  }

  /** All arrives in its time, over several retentions, so that days are compacted. */
  @Property(tries = 500)
  void compactionDoesNotChangeWhatIsAnswered(
      @ForAll("sent") List<Sent> sent, @ForAll @IntRange(min = 1, max = 9) int stretch) {
    var state = CustomerState.empty(PLAN);
    Map<String, RawEvent> live = new HashMap<>();
    List<RawEvent> frozen = new ArrayList<>();
    for (Sent one : inTime(sent, stretch)) {
      Verdict verdict = TestingShop.fold(state, one.decode(), one.atMs()).verdict();
      String id = one.event().type() + one.event().id();
      if (verdict == Verdict.APPLIED || verdict == Verdict.PENDING) {
        RawEvent former = one.cancels() ? live.remove(id) : live.put(id, one.event());
        // What has left the retention is known no more, and stays as it was.
        if (former != null && isGone(former.timeMs(), one.atMs())) {
          frozen.add(former);
        }
      }
      PackedState packed = state.update();
      state = CustomerState.decode(PLAN, packed.summary(), packed.ledger(), packed.tail());
      List<RawEvent> all = new ArrayList<>(frozen);
      all.addAll(live.values());
      assertThat(TestingShop.read(state, one.atMs()))
          .isEqualTo(new TestingOracle(PLAN.catalog(), all, one.atMs()).features());
    }
  }

  /** Online, a past moment of what is known now; offline, the corrected log up to that moment. */
  @Property(tries = 1_000)
  void pastReadsAreEqualToSnapshotsBitForBit(
      @ForAll("sent") List<Sent> sent,
      @ForAll @IntRange(min = 1, max = 3) int stretch,
      @ForAll @IntRange(min = -RETENTION_DAYS, max = 2) int day,
      @ForAll("timesOfDay") long timeOfDay) {
    var state = CustomerState.empty(PLAN);
    List<Change> known = foldInTime(state, sent, stretch);
    long clockMs = clockMs(known);
    long retentionMs = (Days.of(clockMs) - RETENTION_DAYS) * Days.MS;
    long asOfMs = Math.max(retentionMs, (Days.of(clockMs) + day) * Days.MS + timeOfDay);
    PackedState packed = state.encode();
    var online = CustomerState.decode(PLAN, packed.summary(), packed.ledger(), packed.tail());

    byte[] summary = online.summaryAsOf(asOfMs);

    Map<String, Float> answered = TestingShop.read(PLAN.all(), summary, asOfMs);
    List<String> unanswered = TestingShop.unanswered(PLAN.all(), summary, asOfMs);
    Map<String, Float> offline = snapshot(known, asOfMs);
    unanswered.forEach(offline::remove);
    unanswered.forEach(answered::remove);
    assertThat(answered).isEqualTo(offline);
    assertThat(unanswered)
        .doesNotContain(
            "orders", "spend", "recency", "last_value", "gap_std", "lateness", "categories_7d");
  }

  /** A log makes the state that its events and corrections have made one by one. */
  @Property(tries = 500)
  void rebuildingFromTheWholeLogGivesTheSameBytes(
      @ForAll("sent") List<Sent> sent, @ForAll @IntRange(min = 1, max = 3) int stretch) {
    var state = CustomerState.empty(PLAN);
    List<Change> log = foldInTime(state, sent, stretch);
    PackedState live = state.encode();

    var rebuilt = CustomerState.empty(PLAN);
    rebuilt.fold(rebuild(log), Long.MAX_VALUE);

    assertThat(rebuilt.encode().summary()).isEqualTo(live.summary());
    assertThat(rebuilt.encode().ledger()).isEqualTo(live.ledger());
    assertThat(state.fold(rebuild(log), Long.MAX_VALUE)).isEqualTo(Outcome.DUPLICATE);
  }

  /** What the log lacks of orders is taken over from the state, as long as it is there. */
  @Property(tries = 500)
  void rebuildingKeepsWhatTheLogLacks(@ForAll("sent") List<Sent> sent, @ForAll Random random) {
    var state = CustomerState.empty(PLAN);
    List<Change> log = foldInTime(state, sent, 1);
    PackedState live = state.encode();
    long retentionMs = clockMs(log) - (RETENTION_DAYS - 1) * Days.MS;
    List<Change> lacking =
        log.stream()
            .filter(
                change ->
                    change.what().equals("view")
                        || change.timeMs() < retentionMs
                        || isCorrectionBefore(change, retentionMs)
                        || random.nextBoolean())
            .toList();

    state.fold(rebuild(lacking), Long.MAX_VALUE);

    assertThat(state.encode().summary()).isEqualTo(live.summary());
    assertThat(state.encode().ledger()).isEqualTo(live.ledger());
  }

  /** Folds what arrives in its time; returns what changed the state. */
  private static List<Change> foldInTime(CustomerState state, List<Sent> sent, int stretch) {
    List<Change> known = new ArrayList<>();
    Map<String, Long> firstMs = new HashMap<>();
    for (Sent one : inTime(sent, stretch)) {
      String id = one.event().type() + one.event().id();
      // Of what has left the retention, the store knows less than the log.
      if (isGone(firstMs.getOrDefault(id, one.atMs()), one.atMs())) {
        continue;
      }
      if (TestingShop.fold(state, one.decode(), one.atMs()).verdict().changesState()) {
        known.add(one.decode());
        firstMs.merge(id, one.earliestMs(), Math::min);
      }
    }
    return known;
  }

  /** The clock of a state that these were folded into. */
  private static long clockMs(List<Change> log) {
    return log.isEmpty() ? START : Rebuild.of(Set.of("order"), log).newestMs();
  }

  private static boolean isCorrectionBefore(Change change, long timeMs) {
    return change instanceof Correction correction && correction.mark().correctedMs() < timeMs;
  }

  private static Rebuild rebuild(List<Change> log) {
    return Rebuild.of(Set.of("order", "view"), log);
  }

  /** By name; those of a customer without events where there is no row. */
  private static Map<String, Float> snapshot(List<Change> changes, long asOfMs) {
    List<Map<String, Float>> rows = new ArrayList<>();
    var replay =
        new CustomerReplay(
            PLAN,
            new long[] {asOfMs},
            (customer, asOf, values, presence) ->
                rows.add(TestingShop.byName(PLAN.all(), values, presence)));
    replay.begin("customer");
    CorrectedLog.of(changes).events().forEach(replay::add);
    replay.end();
    return rows.isEmpty() ? TestingShop.read(CustomerState.empty(PLAN), asOfMs) : rows.getFirst();
  }

  private static boolean isGone(long timeMs, long nowMs) {
    return Days.of(timeMs) < Days.of(nowMs) - RETENTION_DAYS;
  }

  private static List<Sent> inTime(List<Sent> sent, int stretch) {
    return sent.stream()
        .map(one -> one.stretched(stretch))
        .sorted(Comparator.comparingLong(Sent::atMs))
        .toList();
  }

  /** With one event more, so that the clock always moves. */
  private static CustomerState fold(List<Change> changes) {
    var state = TestingShop.state(NOW, TestingShop.order("anchor", NOW, 1));
    changes.forEach(change -> TestingShop.fold(state, change, NOW));
    return state;
  }

  private static List<Change> decoded(List<Sent> sent) {
    return sent.stream().map(Sent::decode).toList();
  }

  /** What happened, by what is sent in any order at one moment. */
  private static List<Sent> truth(List<Sent> sent) {
    Map<String, Sent> truth = new HashMap<>();
    for (Sent one : sent) {
      if (one.correctedMs() == null) {
        truth.putIfAbsent(one.event().type() + one.event().id(), one);
      }
    }
    sent.stream()
        .filter(one -> one.correctedMs() != null && isTaken(one))
        .sorted(Comparator.comparing(one -> (Correction) one.decode()))
        .forEach(one -> truth.put(one.event().type() + one.event().id(), one));
    return truth.values().stream().filter(one -> !one.cancels()).toList();
  }

  private static boolean isTaken(Sent correction) {
    Long correctedMs = correction.correctedMs();
    return correctedMs != null
        && Days.of(correctedMs) >= Days.of(NOW) - RETENTION_DAYS
        && (correction.cancels() || !isGone(correction.event().timeMs(), NOW));
  }

  /** Events, each id once, and corrections of some of them and of others. */
  @Provide
  Arbitrary<List<Sent>> sent() {
    return Combinators.combine(events().list().ofMaxSize(25), corrections().list().ofMaxSize(20))
        .as(
            (events, corrections) -> {
              Set<String> ids = new HashSet<>();
              List<Sent> sent = new ArrayList<>();
              for (RawEvent event : events) {
                if (ids.add(event.type() + event.id())) {
                  sent.add(new Sent(event, null, false));
                }
              }
              sent.addAll(corrections);
              return sent;
            });
  }

  @Provide
  Arbitrary<Long> timesOfDay() {
    return Arbitraries.oneOf(
        Arbitraries.of(0L, 1L, Days.MS - 1, 43_200_000L),
        Arbitraries.longs().between(0, Days.MS - 1));
  }

  private Arbitrary<RawEvent> events() {
    Arbitrary<RawEvent> views =
        Combinators.combine(ids(), times(), labels())
            .as(
                (id, time, pages) ->
                    new RawEvent("view", id, time, Map.of("seconds", 1.5), Map.of("page", pages)));
    return Arbitraries.oneOf(orders(), orders(), views);
  }

  private Arbitrary<Sent> corrections() {
    return Combinators.combine(orders(), times(), Arbitraries.of(true, false)).as(Sent::new);
  }

  private Arbitrary<RawEvent> orders() {
    return Combinators.combine(ids(), times(), Arbitraries.integers().between(-500, 500), labels())
        .as(
            (id, time, cents, categories) ->
                new RawEvent(
                    "order",
                    id,
                    time,
                    Map.of("amount", cents / 100.0, "items", 1.0),
                    Map.of("category", categories)));
  }

  private static Arbitrary<String> ids() {
    return Arbitraries.integers().between(0, 20).map(i -> "e" + i);
  }

  private static Arbitrary<List<String>> labels() {
    return Arbitraries.of("books", "toys", "garden", "music").list().ofMaxSize(2);
  }

  /** Over more than the retention before now, most of them in few days, some ahead of the clock. */
  private Arbitrary<Long> times() {
    Arbitrary<Integer> days =
        Arbitraries.oneOf(
            Arbitraries.integers().between(0, DAYS),
            Arbitraries.integers().between(DAYS - 6, DAYS));
    return Combinators.combine(days, timesOfDay())
        .as((day, time) -> Math.min(START + day * Days.MS + time, NOW + 300_000));
  }
}
