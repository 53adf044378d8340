package io.clientele.featurestore.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.clientele.featurestore.engine.TestingOracle.RawEvent;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32C;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.statistics.Statistics;
import org.jspecify.annotations.Nullable;

class EnginePropertiesTest {
  private static final FeaturePlan PLAN = TestingShop.PLAN;
  private static final long DAY_0 = TestingShop.DAY_0;
  private static final int DAYS = 45;
  private static final long TOLERANCE = 300_000;

  /** Every event is at or before this, or ahead of it by less than the tolerance. */
  private static final long NOW = DAY_0 + DAYS * Days.MS;

  /** An event and how long after its own time it arrives; before it, where negative. */
  record Arrival(RawEvent event, long delayMs) {
    long atMs() {
      return event.timeMs() + delayMs;
    }
  }

  @Property(tries = 300)
  void anyOrderGivesTheSameBytes(@ForAll("events") List<RawEvent> events, @ForAll Random random) {
    List<RawEvent> shuffled = new ArrayList<>(events);
    Collections.shuffle(shuffled, random);

    PackedState packed = fold(events, NOW).encode();
    PackedState other = fold(shuffled, NOW).encode();

    assertThat(other.summary()).isEqualTo(packed.summary());
    assertThat(other.ledger()).isEqualTo(packed.ledger());
  }

  @Property(tries = 300)
  void replayingTheWholeLogChangesNothing(@ForAll("events") List<RawEvent> events) {
    FeaturePlan fewIds = TestingShop.FEW_IDS;
    var state = CustomerState.empty(fewIds);
    List<RawEvent> log = firstOfEachId(events);
    log.forEach(event -> state.fold(event.decode(fewIds), NOW));
    PackedState before = state.encode();

    for (RawEvent event : log) {
      assertThat(state.fold(event.decode(fewIds), NOW).verdict())
          .isIn(Verdict.DUPLICATE, Verdict.TOO_OLD, Verdict.REJECTED);
    }

    assertThat(state.encode().summary()).isEqualTo(before.summary());
    assertThat(state.encode().ledger()).isEqualTo(before.ledger());
  }

  @Property(tries = 300)
  void packedStateReadsBackAsItWas(
      @ForAll("events") List<RawEvent> events, @ForAll("events") List<RawEvent> more) {
    var state = fold(events, NOW);
    PackedState packed = state.encode();
    var read = CustomerState.decode(PLAN, packed.summary(), packed.ledger(), packed.tail());

    assertThat(read.encode().summary()).isEqualTo(packed.summary());
    assertThat(read.encode().ledger()).isEqualTo(packed.ledger());
    long later = NOW + 20 * Days.MS;
    for (RawEvent event : more) {
      Event decoded = event.decode(PLAN);
      assertThat(read.fold(decoded, later)).isEqualTo(state.fold(decoded, later));
    }
    assertThat(read.encode().summary()).isEqualTo(state.encode().summary());
    assertThat(read.encode().ledger()).isEqualTo(state.encode().ledger());
  }

  @Property(tries = 1_000)
  void featuresAreWhatTheirDefinitionsSay(
      @ForAll("events") List<RawEvent> events,
      @ForAll("moments") long asOfMs,
      @ForAll boolean fewIds) {
    FeaturePlan plan = fewIds ? TestingShop.FEW_IDS : PLAN;
    var state = CustomerState.empty(plan);
    List<RawEvent> applied =
        events.stream()
            .filter(e -> state.fold(e.decode(plan), NOW).verdict() == Verdict.APPLIED)
            .toList();

    assertThat(TestingShop.read(plan.all(), state.encode().summary(), asOfMs))
        .isEqualTo(new TestingOracle(plan.catalog(), applied, asOfMs).features());
  }

  /** The clock moves with the events, over several retentions, so that days are compacted. */
  @Property(tries = 500)
  void compactionDoesNotChangeWhatIsAnswered(
      @ForAll("events") List<RawEvent> events, @ForAll @IntRange(min = 1, max = 9) int stretch) {
    List<RawEvent> stretched =
        inOrder(events.stream().map(e -> at(e, DAY_0 + (e.timeMs() - DAY_0) * stretch)).toList());
    var state = CustomerState.empty(PLAN);
    List<RawEvent> applied = new ArrayList<>();
    for (RawEvent event : stretched) {
      if (state.fold(event.decode(PLAN), event.timeMs()).verdict() == Verdict.APPLIED) {
        applied.add(event);
      }
      PackedState packed = state.update();
      state = CustomerState.decode(PLAN, packed.summary(), packed.ledger(), packed.tail());
      assertThat(TestingShop.read(state, event.timeMs()))
          .isEqualTo(new TestingOracle(PLAN.catalog(), applied, event.timeMs()).features());
    }
  }

  /** What is written, a tail behind a ledger, is the same state as one that was never written. */
  @Property(tries = 500)
  void ledgerAndTailTellWhatALedgerAloneTells(
      @ForAll("arrivals") List<Arrival> arrivals,
      @ForAll @IntRange(min = 1, max = 9) int stretch,
      @ForAll @IntRange(min = 1, max = 5) int batch,
      @ForAll("moments") long asOfMs,
      @ForAll boolean inOrder,
      @ForAll boolean fewIds) {
    FeaturePlan plan = fewIds ? TestingShop.FEW_IDS : PLAN;
    List<Arrival> live =
        new ArrayList<>(
            arrivals.stream()
                .map(
                    arrival -> {
                      RawEvent event = arrival.event();
                      long timeMs = DAY_0 + (event.timeMs() - DAY_0) * stretch;
                      return new Arrival(at(event, timeMs), arrival.delayMs());
                    })
                .toList());
    if (inOrder) {
      live.sort(Comparator.comparingLong(Arrival::atMs));
    }
    CustomerState never = CustomerState.empty(plan);
    PackedState packed = never.encode();
    int tails = 0;
    for (int from = 0; from < live.size(); from += batch) {
      var state = CustomerState.decode(plan, packed.summary(), packed.ledger(), packed.tail());
      for (Arrival arrival : live.subList(from, Math.min(live.size(), from + batch))) {
        Event event = arrival.event().decode(plan);
        assertThat(state.fold(event, arrival.atMs())).isEqualTo(never.fold(event, arrival.atMs()));
      }
      packed = state.update();
      tails += packed.tail().length > 0 ? 1 : 0;

      var read = CustomerState.decode(plan, packed.summary(), packed.ledger(), packed.tail());
      assertThat(packed.summary()).isEqualTo(never.encode().summary());
      assertThat(read.encode().summary()).isEqualTo(never.encode().summary());
      assertThat(read.encode().ledger()).isEqualTo(never.encode().ledger());
      assertThat(read.summaryAsOf(asOfMs)).isEqualTo(never.summaryAsOf(asOfMs));
    }
    Statistics.label("any tail")
        .collect(tails > 0)
        .coverage(coverage -> coverage.check(true).percentage(share -> share > 20));
  }

  /** Live, events come late, early and packed in between; offline, sorted and at once. */
  @Property(tries = 500)
  void onlineAndOfflineReadsAreEqualBitForBit(
      @ForAll("arrivals") List<Arrival> arrivals, @ForAll @LongRange(max = 400_000) long afterMs) {
    List<Arrival> live = new ArrayList<>(arrivals);
    live.sort(Comparator.comparingLong(Arrival::atMs));
    PackedState packed = CustomerState.empty(PLAN).encode();
    long clockMs = 0;
    for (Arrival arrival : live) {
      var state = CustomerState.decode(PLAN, packed.summary(), packed.ledger(), packed.tail());
      assertThat(state.fold(arrival.event().decode(PLAN), arrival.atMs()).verdict())
          .isEqualTo(Verdict.APPLIED);
      packed = state.update();
      clockMs = arrival.atMs();
    }
    long asOfMs = clockMs + afterMs;
    ByteBuffer values = ByteBuffer.allocate(PLAN.all().rowBytes());
    ByteBuffer presence = ByteBuffer.allocate(PLAN.all().presenceBytes());
    PLAN.all().newReader().read(packed.summary(), asOfMs, values, 0, presence, 0);

    List<byte[]> offline = new ArrayList<>();
    var replay =
        new CustomerReplay(
            PLAN,
            new long[] {asOfMs},
            (customer, asOf, v, p) -> {
              offline.add(bytes(v));
              offline.add(bytes(p));
            });
    replay.begin("customer");
    inOrder(arrivals.stream().map(Arrival::event).toList())
        .forEach(event -> replay.add(event.decode(PLAN)));
    replay.end();

    if (arrivals.stream().allMatch(a -> a.event().timeMs() > asOfMs)) {
      assertThat(offline).isEmpty();
    } else {
      assertThat(bytes(values)).isEqualTo(offline.get(0));
      assertThat(bytes(presence)).isEqualTo(offline.get(1));
    }
  }

  @Property(tries = 500)
  void damagedBytesAreRefused(
      @ForAll("events") List<RawEvent> events,
      @ForAll Random random,
      @ForAll @IntRange(min = 1, max = 4) int damages) {
    PackedState packed = withTail(events);
    byte[] summary = damage(packed.summary(), damages, random);
    byte[] ledger = damage(packed.ledger(), damages, random);
    byte[] tail = packed.tail();

    assertThat(readFailure(summary)).isInstanceOf(StateException.class);
    assertThat(decodeFailure(summary, packed.ledger(), tail)).isInstanceOf(StateException.class);
    assertThat(decodeFailure(packed.summary(), ledger, tail)).isInstanceOf(StateException.class);
    assertThat(decodeFailure(packed.summary(), packed.ledger(), damage(tail, damages, random)))
        .isInstanceOf(StateException.class);
    assertThat(decodeFailure(packed.summary(), packed.ledger(), new byte[0]))
        .isInstanceOf(StateException.class);
  }

  /** Even if the checksum fitted by chance. */
  @Property(tries = 1_000)
  void bytesThatNobodyWroteNeverCrash(
      @ForAll("events") List<RawEvent> events,
      @ForAll Random random,
      @ForAll @IntRange(min = 1, max = 4) int damages) {
    PackedState packed = fold(events, NOW).encode();
    byte[] noTail = packed.tail();
    byte[] summary = resealed(damage(packed.summary(), damages, random), Packed.SUMMARY_FORMAT);
    byte[] ledger = packed.ledger();
    Packed.INT.set(ledger, Packed.HEADER_BYTES, Packed.checksum(summary));
    byte[] damagedLedger = resealed(damage(ledger, damages, random), Packed.LEDGER_FORMAT);
    PackedState longer = withTail(events);
    byte[] tail = resealed(damage(longer.tail(), damages, random), Packed.LEDGER_FORMAT);

    for (Throwable failure :
        new @Nullable Throwable[] {
          readFailure(summary),
          decodeFailure(summary, resealed(ledger, Packed.LEDGER_FORMAT), noTail),
          decodeFailure(packed.summary(), damagedLedger, noTail),
          decodeFailure(longer.summary(), longer.ledger(), tail)
        }) {
      if (failure != null) {
        assertThat(failure).isInstanceOf(StateException.class);
      }
    }
  }

  @Provide
  Arbitrary<List<RawEvent>> events() {
    return events(times()).list().ofMaxSize(40);
  }

  @Provide
  Arbitrary<List<Arrival>> arrivals() {
    Arbitrary<Long> delays = Arbitraries.longs().between(-TOLERANCE, TOLERANCE);
    return Combinators.combine(events(times()), delays)
        .as(Arrival::new)
        .list()
        .uniqueElements(arrival -> arrival.event().type() + arrival.event().id())
        .ofMaxSize(40);
  }

  @Provide
  Arbitrary<Long> moments() {
    return Combinators.combine(Arbitraries.integers().between(0, 60), timesOfDay())
        .as((day, time) -> NOW + day * Days.MS + time);
  }

  private static Arbitrary<RawEvent> events(Arbitrary<Long> times) {
    Arbitrary<String> ids = Arbitraries.integers().between(0, 60).map(i -> "e" + i);
    Arbitrary<Double> amounts =
        Arbitraries.oneOf(
            Arbitraries.doubles().between(-1_000, 1_000).ofScale(3),
            Arbitraries.of(0.0, 0.005, 0.015, 1e10, -1e10));
    Arbitrary<Integer> items = Arbitraries.integers().between(0, 5);
    Arbitrary<List<String>> labels =
        Arbitraries.of("books", "toys", "Garten", "花", "")
            .list()
            .ofMaxSize(3)
            .map(all -> all.stream().filter(label -> !label.isEmpty()).toList());
    Arbitrary<RawEvent> orders =
        Combinators.combine(ids, times, amounts, items, labels)
            .as(
                (id, time, amount, count, categories) ->
                    new RawEvent(
                        "order",
                        id,
                        time,
                        Map.of("amount", amount, "items", (double) count),
                        Map.of("category", categories)));
    Arbitrary<RawEvent> views =
        Combinators.combine(ids, times, items, labels, labels)
            .as(
                (id, time, seconds, categories, pages) ->
                    new RawEvent(
                        "view",
                        id,
                        time,
                        Map.of("seconds", seconds / 4.0),
                        Map.of("category", categories, "page", pages)));
    return Arbitraries.oneOf(orders, orders, views);
  }

  /** Over more than the retention before now, most of them in few days, many at midnight. */
  private static Arbitrary<Long> times() {
    Arbitrary<Integer> days =
        Arbitraries.oneOf(
            Arbitraries.integers().between(0, DAYS),
            Arbitraries.integers().between(DAYS - 8, DAYS));
    return Combinators.combine(days, timesOfDay())
        .as((day, time) -> Math.min(DAY_0 + day * Days.MS + time, NOW + TOLERANCE));
  }

  private static Arbitrary<Long> timesOfDay() {
    return Arbitraries.oneOf(
        Arbitraries.of(0L, 1L, Days.MS - 1, TOLERANCE, 43_200_000L),
        Arbitraries.longs().between(0, Days.MS - 1));
  }

  private static CustomerState fold(List<RawEvent> events, long nowMs) {
    var state = CustomerState.empty(PLAN);
    firstOfEachId(events).forEach(event -> state.fold(event.decode(PLAN), nowMs));
    return state;
  }

  /** With an event more in a tail, behind a ledger that is long enough. */
  private static PackedState withTail(List<RawEvent> events) {
    CustomerState state = fold(events, NOW);
    for (int i = 0; i < 20; i++) {
      state.fold(TestingShop.view("v" + i, NOW - i), NOW);
    }
    PackedState packed = state.encode();
    var read = CustomerState.decode(PLAN, packed.summary(), packed.ledger(), packed.tail());
    read.fold(TestingShop.order("one more", NOW, 12.5, "books", "toys"), NOW);
    PackedState longer = read.update();
    assertThat(longer.ledger()).isSameAs(packed.ledger());
    assertThat(longer.tail()).isNotEmpty();
    return longer;
  }

  /** Which of two different events with the same id counts is for their order to say. */
  private static List<RawEvent> firstOfEachId(List<RawEvent> events) {
    List<RawEvent> sorted = new ArrayList<>(events);
    sorted.sort(Comparator.comparing(RawEvent::toString));
    Set<String> seen = new HashSet<>();
    Set<RawEvent> first = new HashSet<>();
    sorted.stream().filter(e -> seen.add(e.type() + e.id())).forEach(first::add);
    return events.stream().filter(first::contains).toList();
  }

  private static List<RawEvent> inOrder(List<RawEvent> events) {
    return events.stream().sorted(Comparator.comparingLong(RawEvent::timeMs)).toList();
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.capacity()];
    buffer.get(0, bytes);
    return bytes;
  }

  private static RawEvent at(RawEvent event, long timeMs) {
    return new RawEvent(event.type(), event.id(), timeMs, event.measures(), event.dimensions());
  }

  private static byte[] damage(byte[] bytes, int damages, Random random) {
    byte[] damaged = bytes.clone();
    while (Arrays.equals(damaged, bytes)) {
      for (int i = 0; i < damages; i++) {
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      }
      if (random.nextInt(5) == 0) {
        return Arrays.copyOf(damaged, random.nextInt(Packed.HEADER_BYTES, damaged.length));
      }
    }
    return damaged;
  }

  /** With the header that would fit. */
  private static byte[] resealed(byte[] bytes, byte version) {
    if (bytes.length < Packed.HEADER_BYTES) {
      return bytes;
    }
    byte[] sealed = bytes.clone();
    sealed[0] = version;
    var crc = new CRC32C();
    if (version == Packed.LEDGER_FORMAT) {
      crc.update(version);
    }
    crc.update(sealed, Packed.HEADER_BYTES, sealed.length - Packed.HEADER_BYTES);
    Packed.INT.set(sealed, 1, (int) crc.getValue());
    return sealed;
  }

  private static @Nullable Throwable readFailure(byte[] summary) {
    ByteBuffer values = ByteBuffer.allocate(PLAN.all().rowBytes()).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer presence = ByteBuffer.allocate(PLAN.all().presenceBytes());
    return catchThrowable(() -> PLAN.all().newReader().read(summary, NOW, values, 0, presence, 0));
  }

  private static @Nullable Throwable decodeFailure(byte[] summary, byte[] ledger, byte[] tail) {
    return catchThrowable(() -> CustomerState.decode(PLAN, summary, ledger, tail));
  }
}
