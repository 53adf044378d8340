package io.clientele.featurestore.engine;

import static io.clientele.featurestore.engine.TestingShop.DAY_0;
import static io.clientele.featurestore.engine.TestingShop.PLAN;
import static io.clientele.featurestore.engine.TestingShop.order;
import static io.clientele.featurestore.engine.TestingShop.read;
import static io.clientele.featurestore.engine.TestingShop.state;
import static io.clientele.featurestore.engine.TestingShop.view;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CustomerStateTest {
  private static final long HOUR = 3_600_000;
  private static final long MINUTE = 60_000;
  private static final long NOON = DAY_0 + 12 * HOUR;

  @Test
  void countsAnEventOnce() {
    var state = state(NOON, order("a", NOON, 10));
    byte[] before = state.encode().summary();

    assertThat(state.fold(order("a", NOON, 10), NOON).verdict()).isEqualTo(Verdict.DUPLICATE);
    assertThat(state.fold(order("a", NOON - 5, 99), NOON + 1).verdict())
        .isEqualTo(Verdict.DUPLICATE);
    assertThat(state.encode().summary()).isEqualTo(before);
  }

  @Test
  void tellsTypesApartThoughTheirIdsAreTheSame() {
    var state = state(NOON, order("a", NOON, 10));

    assertThat(state.fold(view("a", NOON), NOON).verdict()).isEqualTo(Verdict.APPLIED);
  }

  @Test
  void knowsOrdersOverTheWholeRetention() {
    var state = CustomerState.empty(PLAN);
    for (int i = 0; i < 500; i++) {
      state.fold(order("o" + i, NOON + i, 1), NOON + 500);
    }
    long lastDay = NOON + 40 * Days.MS;
    state.fold(order("new", lastDay, 1), lastDay);
    CustomerState later = copy(state);

    assertThat(later.fold(order("o0", NOON, 1), lastDay).verdict()).isEqualTo(Verdict.DUPLICATE);
    assertThat(later.fold(order("o0", NOON, 1), NOON + 41 * Days.MS).verdict())
        .isEqualTo(Verdict.TOO_OLD);
  }

  @Test
  void refusesAnEventOlderThanAllOfAFullSetOfRecentOnes() {
    var state = CustomerState.empty(PLAN);
    for (int i = 0; i < 64; i++) {
      state.fold(view("v" + i, NOON + i), NOON + 1_000);
    }

    Outcome outcome = copy(state).fold(view("early", NOON - 1), NOON + 1_000);

    assertThat(outcome.verdict()).isEqualTo(Verdict.TOO_OLD);
    assertThat(outcome.refusal())
        .isEqualTo(
            new Refusal(
                "event_time",
                "older than all of the 64 ids that are known (expected: one of the" + " newest)"));
    assertThat(state.fold(view("between", NOON + 5), NOON + 1_000).verdict())
        .isEqualTo(Verdict.APPLIED);
    assertThat(state.fold(view("v0", NOON), NOON + 1_000).verdict()).isEqualTo(Verdict.TOO_OLD);
  }

  @Test
  void refusesAnEventBeforeTheRetention() {
    var state = CustomerState.empty(PLAN);

    Outcome outcome = state.fold(order("a", DAY_0 - 40 * Days.MS - 1, 1), NOON);

    assertThat(outcome.verdict()).isEqualTo(Verdict.TOO_OLD);
    assertThat(outcome.refusal())
        .isEqualTo(new Refusal("event_time", "UTC day 1997-04-08 (expected: 1997-04-09 or later)"));
    assertThat(state.fold(order("a", DAY_0 - 40 * Days.MS, 1), NOON).verdict())
        .isEqualTo(Verdict.APPLIED);
  }

  @Test
  void takesTheRetentionByTheNewestClockItHasSeen() {
    var state = state(NOON + 10 * Days.MS, order("a", NOON + 10 * Days.MS, 1));

    assertThat(state.fold(order("b", NOON - 31 * Days.MS, 1), NOON).verdict())
        .isEqualTo(Verdict.TOO_OLD);
  }

  @Test
  void refusesAnEventFurtherAheadThanTheTolerance() {
    var state = CustomerState.empty(PLAN);

    Outcome outcome = state.fold(order("a", NOON + 5 * MINUTE + 1, 1), NOON);

    assertThat(outcome)
        .isEqualTo(
            Outcome.rejected(
                new Refusal(
                    "event_time", "300001 ms ahead of the clock (expected: at most 300000 ms)")));
    assertThat(state.fold(order("a", NOON + 5 * MINUTE, 1), NOON).verdict())
        .isEqualTo(Verdict.APPLIED);
  }

  @Test
  void countsAnEventAheadOfTheClockFromItsOwnTimeOn() {
    long midnight = DAY_0 + Days.MS;
    long now = midnight - MINUTE;
    var state = state(now, order("a", now, 1, "x"), order("b", midnight + MINUTE, 2, "y"));
    state.fold(view("v", midnight + 2 * MINUTE), now);

    assertThat(read(state, now)).containsEntry("orders", 1f).containsEntry("spend", 1f);
    assertThat(read(state, midnight + MINUTE - 1))
        .containsEntry("orders", 1f)
        .containsEntry("views", 0f);
    assertThat(read(state, midnight + MINUTE))
        .containsEntry("orders", 2f)
        .containsEntry("orders_1d", 1f)
        .containsEntry("spend", 3f)
        .containsEntry("categories", 2f)
        .containsEntry("recency", 0f)
        .containsEntry("views", 0f);
    assertThat(read(state, midnight + 2 * MINUTE)).containsEntry("views", 1f);
  }

  @Test
  void remembersEventsAheadOfTheClockInPackedState() {
    var state = copy(state(NOON, view("v", NOON + MINUTE, "home"), order("o", NOON + 1, 5, "x")));

    assertThat(state.fold(view("v", NOON + MINUTE, "home"), NOON).verdict())
        .isEqualTo(Verdict.DUPLICATE);
    state.fold(order("p", NOON, 1), NOON + 2 * MINUTE);

    assertThat(read(copy(state), NOON + 2 * MINUTE))
        .containsEntry("orders", 2f)
        .containsEntry("last_value", 5f)
        .containsEntry("categories", 1f)
        .containsEntry("views", 1f)
        .containsEntry("pages_7d", 1f);
  }

  @Test
  void boundsTheEventsAheadOfTheClock() {
    var state = CustomerState.empty(PLAN);
    for (int i = 0; i < 32; i++) {
      state.fold(order("o" + i, NOON + 1 + i, 1), NOON);
    }

    assertThat(state.fold(order("one more", NOON + 1, 1), NOON))
        .isEqualTo(
            Outcome.rejected(
                new Refusal(
                    "event_time", "ahead of the clock (expected: at most 32 such events)")));
    assertThat(state.fold(order("on time", NOON, 1), NOON).verdict()).isEqualTo(Verdict.APPLIED);
    assertThat(state.fold(view("other type", NOON + 1), NOON).verdict()).isEqualTo(Verdict.APPLIED);
  }

  @Test
  void decidesTheLastEventByTimeAndThenById() {
    Event a = order("a", NOON, 1);
    Event b = order("b", NOON, 2);
    Event late = order("c", NOON - 1, 3);

    Float last = read(state(NOON, a, b, late), NOON).get("last_value");

    assertThat(last).isIn(1f, 2f);
    assertThat(read(state(NOON, late, b, a), NOON)).containsEntry("last_value", last);
    assertThat(read(state(NOON, b, late, a), NOON)).containsEntry("last_value", last);
  }

  @Test
  void keepsLifetimeFeaturesWhenDaysLeaveTheRetention() {
    var state = state(NOON, order("a", NOON, 10, "x"), order("b", NOON, 2, "y"));
    state.fold(order("c", NOON + 10 * Days.MS, 4, "x"), NOON + 10 * Days.MS);
    long later = NOON + 200 * Days.MS;
    state = copy(state);
    state.fold(order("d", later, 8, "z"), later);
    state = copy(state);

    assertThat(read(state, later))
        .containsEntry("orders", 4f)
        .containsEntry("order_days", 3f)
        .containsEntry("orders_40d", 1f)
        .containsEntry("spend", 24f)
        .containsEntry("value_min", 2f)
        .containsEntry("value_max", 10f)
        .containsEntry("tenure", 200f)
        .containsEntry("gap_mean", 100f)
        .containsEntry("gap_std", 90f)
        .containsEntry("gap_max", 190f)
        .containsEntry("categories", 3f);
  }

  @Test
  void letsGoOfIdsAndTilesThatLeaveTheRetention() {
    var state = CustomerState.empty(PLAN);
    for (int day = 0; day < 40; day++) {
      state.fold(order("o" + day, NOON + day * Days.MS, 1), NOON + day * Days.MS);
    }
    int full = state.encode().ledger().length;
    long later = NOON + 500 * Days.MS;
    state.fold(order("last", later, 1), later);

    PackedState packed = state.encode();
    assertThat(packed.ledger().length).isLessThan(full / 10);
    assertThat(packed.summary().length).isLessThan(80);
  }

  @Test
  void writesALongLedgerOnlyNowAndThen() {
    PackedState packed = CustomerState.empty(PLAN).encode();
    long written = 0;
    long whole = 0;
    for (int i = 0; i < 400; i++) {
      var state = CustomerState.decode(PLAN, packed.summary(), packed.ledger(), packed.tail());
      state.fold(view("v" + i, NOON + i, "home"), NOON + i);
      PackedState update = state.update();
      written += update.tail().length;
      written += Arrays.equals(update.ledger(), packed.ledger()) ? 0 : update.ledger().length;
      whole += state.encode().ledger().length;
      packed = update;
    }

    assertThat(written).isLessThan(whole / 3);
    var read = CustomerState.decode(PLAN, packed.summary(), packed.ledger(), packed.tail());
    assertThat(read(read, NOON + 400)).containsEntry("views", 400f);
  }

  @Test
  void writesTheLedgerAnewWhereATailCannotTell() {
    var known = CustomerState.empty(PLAN);
    for (int day = 0; day < 20; day++) {
      known.fold(order("o" + day, NOON + day * Days.MS, 1), NOON + day * Days.MS);
    }
    PackedState packed = known.encode();
    long now = NOON + 20 * Days.MS;

    assertThat(ledgerIsKept(packed, order("more", now, 1), now)).isTrue();
    assertThat(ledgerIsKept(packed, TestingShop.cancel("o3", now), now)).isFalse();
    assertThat(ledgerIsKept(packed, Rebuild.of(Set.of("view"), List.of(view("v", now))), now))
        .isFalse();
    long later = NOON + 45 * Days.MS; // some orders have left the retention
    assertThat(ledgerIsKept(packed, order("more", later, 1), later)).isFalse();
  }

  @Test
  void knowsATypeOfWhichThereIsOnlyATail() {
    CustomerState longer = copy(buyer());
    longer.fold(view("v", NOON, "home"), NOON);
    PackedState packed = longer.update();
    assertThat(packed.tail()).isNotEmpty();

    var state = CustomerState.decode(PLAN, packed.summary(), packed.ledger(), packed.tail());

    assertThat(state.fold(view("v", NOON, "home"), NOON)).isEqualTo(Outcome.DUPLICATE);
    assertThat(read(state, NOON)).containsEntry("views", 1f);
  }

  @Test
  void refusesTheTailOfAnotherWrite() {
    CustomerState known = buyer();
    CustomerState one = copy(known);
    one.fold(order("a", NOON, 1), NOON);
    CustomerState another = copy(known);
    another.fold(order("b", NOON, 2), NOON);
    byte[] summary = one.update().summary();
    byte[] ledger = one.update().ledger();
    byte[] tail = another.update().tail();

    assertThatThrownBy(() -> CustomerState.decode(PLAN, summary, ledger, tail))
        .isInstanceOf(StateException.class)
        .hasMessage("state is damaged: its parts are of different writes");
  }

  /** A full set of ids lets go of ids of the ledger while an event that was ahead is now due. */
  @Test
  void countsAnEventOfTheLedgerThatHasBecomeDueBesideThoseOfTheTail() {
    FeaturePlan plan = TestingShop.FEW_IDS;
    var never = CustomerState.empty(plan);
    for (int i = 0; i < 20; i++) {
      never.fold(order(plan, "o" + i, NOON, 1), NOON);
    }
    for (Event event :
        new Event[] {
          view(plan, "a", NOON), view(plan, "b", NOON + 1), view(plan, "c", NOON + 60)
        }) {
      never.fold(event, NOON + 2);
    }
    PackedState packed = never.encode();
    var state = CustomerState.decode(plan, packed.summary(), packed.ledger(), packed.tail());
    for (Event event :
        new Event[] {
          view(plan, "d", NOON + 50), view(plan, "e", NOON + 70), view(plan, "f", NOON + 5)
        }) {
      assertThat(state.fold(event, NOON + 65)).isEqualTo(never.fold(event, NOON + 65));
    }
    PackedState update = state.update();
    assertThat(update.tail()).isNotEmpty();

    var read = CustomerState.decode(plan, update.summary(), update.ledger(), update.tail());

    assertThat(read.encode().summary()).isEqualTo(never.encode().summary());
    assertThat(read.encode().ledger()).isEqualTo(never.encode().ledger());
  }

  /** With a ledger that is long enough for a tail. */
  private static CustomerState buyer() {
    var buyer = CustomerState.empty(PLAN);
    for (int i = 0; i < 20; i++) {
      buyer.fold(order("o" + i, NOON, 1), NOON);
    }
    return buyer;
  }

  private static boolean ledgerIsKept(PackedState packed, Change change, long nowMs) {
    var state = CustomerState.decode(PLAN, packed.summary(), packed.ledger(), packed.tail());
    assertThat(TestingShop.fold(state, change, nowMs)).isEqualTo(Outcome.APPLIED);
    return Arrays.equals(state.update().ledger(), packed.ledger());
  }

  @Test
  void refusesPartsOfDifferentWrites() {
    var state = state(NOON, order("a", NOON, 10));
    byte[] before = state.encode().ledger();
    state.fold(order("b", NOON, 10), NOON);
    byte[] after = state.encode().summary();

    assertThatThrownBy(() -> CustomerState.decode(PLAN, after, before, new byte[0]))
        .isInstanceOf(StateException.class)
        .hasMessage("state is damaged: summary and ledger are of different writes");
  }

  @Test
  void readsStateOfAPlanWithOtherFeaturesOrFurtherEventTypes() {
    PackedState packed = state(NOON, order("a", NOON, 10)).encode();
    FeaturePlan other =
        TestingShop.plan(
            """
            entity: customer
            retention: 40d
            future_tolerance: 1m
            events:
              wish: {duplicates: {recent: 5}}
              order:
                duplicates: retention
                measures: {amount: {decimals: 2}, items: {decimals: 0}}
                dimensions: {category: {max_values: 3}}
            features:
              - {name: spend_3d, sum: order.amount, window: 3d}
            """);

    CustomerState state =
        CustomerState.decode(other, packed.summary(), packed.ledger(), packed.tail());
    state.fold(order(other, "b", NOON, 1), NOON);

    assertThat(read(other.all(), state.encode().summary(), NOON)).containsEntry("spend_3d", 11f);
  }

  @Test
  void refusesAnotherFormat() {
    PackedState packed = state(NOON, order("a", NOON, 10)).encode();
    packed.summary()[0] = 1;

    assertThatThrownBy(
            () -> CustomerState.decode(PLAN, packed.summary(), packed.ledger(), packed.tail()))
        .isInstanceOf(StateException.class)
        .hasMessage("state of format 1 (expected: 2)");
  }

  @Test
  void refusesNothingAtAll() {
    PackedState packed = state(NOON, order("a", NOON, 10)).encode();

    assertThatThrownBy(
            () -> CustomerState.decode(PLAN, new byte[0], packed.ledger(), packed.tail()))
        .isInstanceOf(StateException.class)
        .hasMessage("state is damaged: only 0 bytes");
    assertThatThrownBy(() -> read(PLAN.all(), new byte[4], NOON))
        .isInstanceOf(StateException.class)
        .hasMessage("state is damaged: only 4 bytes");
  }

  @Test
  void refusesAnEventOfAnotherPlan() {
    FeaturePlan other =
        TestingShop.plan(TestingShop.YAML.replace("{decimals: 2}", "{decimals: 3}"));

    assertThatThrownBy(() -> CustomerState.empty(PLAN).fold(order(other, "a", NOON, 1), NOON))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void packsAStateWithoutEvents() {
    var state = copy(CustomerState.empty(PLAN));

    assertThatCode(() -> read(state, NOON)).doesNotThrowAnyException();
    assertThat(state.fold(order("a", NOON, 1), NOON).verdict()).isEqualTo(Verdict.APPLIED);
  }

  private static CustomerState copy(CustomerState state) {
    PackedState packed = state.encode();
    return CustomerState.decode(PLAN, packed.summary(), packed.ledger(), packed.tail());
  }
}
