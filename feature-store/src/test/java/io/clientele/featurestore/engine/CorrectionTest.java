package io.clientele.featurestore.engine;

import static io.clientele.featurestore.engine.TestingShop.DAY_0;
import static io.clientele.featurestore.engine.TestingShop.PLAN;
import static io.clientele.featurestore.engine.TestingShop.amend;
import static io.clientele.featurestore.engine.TestingShop.cancel;
import static io.clientele.featurestore.engine.TestingShop.order;
import static io.clientele.featurestore.engine.TestingShop.read;
import static io.clientele.featurestore.engine.TestingShop.state;
import static io.clientele.featurestore.engine.TestingShop.view;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CorrectionTest {
  private static final long HOUR = 3_600_000;
  private static final long MINUTE = 60_000;
  private static final long NOON = DAY_0 + 12 * HOUR;

  @Test
  void takesTheEffectOfACancelledOrderBackOut() {
    Event kept = order("a", NOON - 9 * Days.MS, 10, "books");
    Event cancelled = order("b", NOON - HOUR, 99, "toys");
    var state = state(NOON, kept, cancelled);

    Outcome outcome = state.fold(cancel("b", NOON), NOON);

    assertThat(outcome).isEqualTo(Outcome.APPLIED);
    assertThat(state.encode().summary()).isEqualTo(state(NOON, kept).encode().summary());
  }

  @Test
  void replacesAnAmendedOrder() {
    Event kept = order("a", NOON - 9 * Days.MS, 10, "books");
    Event wrong = order("b", NOON - HOUR, 99, "toys");
    Event right = order("b", NOON - 2 * Days.MS, 9.9, "garden");
    var state = state(NOON, kept, wrong);

    assertThat(state.fold(amend(right, NOON), NOON)).isEqualTo(Outcome.APPLIED);

    assertThat(state.encode().summary()).isEqualTo(state(NOON, kept, right).encode().summary());
    assertThat(state.fold(wrong, NOON)).isEqualTo(Outcome.DUPLICATE);
  }

  @Test
  void keepsACancellationThatComesBeforeItsOrder() {
    var state = copy(state(NOON, order("a", NOON, 1)));

    assertThat(state.fold(cancel("b", NOON), NOON)).isEqualTo(Outcome.PENDING);
    state = copy(state);
    assertThat(state.fold(order("b", NOON - HOUR, 5), NOON)).isEqualTo(Outcome.SUPERSEDED);
    state = copy(state);
    assertThat(state.fold(order("b", NOON - HOUR, 5), NOON)).isEqualTo(Outcome.DUPLICATE);

    assertThat(read(state, NOON)).containsEntry("orders", 1f).containsEntry("spend", 1f);
  }

  @Test
  void countsAnAmendmentThatComesBeforeItsOrderAtOnceAndOnce() {
    Event right = order("b", NOON - HOUR, 5);
    var state = CustomerState.empty(PLAN);

    assertThat(state.fold(amend(right, NOON), NOON)).isEqualTo(Outcome.PENDING);
    assertThat(read(state, NOON)).containsEntry("orders", 1f).containsEntry("spend", 5f);
    assertThat(state.fold(order("b", NOON - HOUR, 500), NOON)).isEqualTo(Outcome.SUPERSEDED);

    assertThat(state.encode().summary()).isEqualTo(state(NOON, right).encode().summary());
  }

  @Test
  void letsTheLaterCorrectionHold() {
    Event order = order("a", NOON - HOUR, 5);
    var state = state(NOON, order, cancel("a", NOON - 10));

    assertThat(state.fold(amend(order("a", NOON - HOUR, 7), NOON - 20), NOON))
        .isEqualTo(
            Outcome.stale(
                new Refusal(
                    "correction.corrected_at",
                    "1997-05-19T11:59:59.980Z (expected: after 1997-05-19T11:59:59.990Z, that of"
                        + " the one that holds)")));
    assertThat(state.fold(cancel("a", NOON - 10), NOON)).isEqualTo(Outcome.DUPLICATE);
    assertThat(read(state, NOON)).containsEntry("orders", 0f);

    assertThat(state.fold(amend(order("a", NOON - HOUR, 8), NOON), NOON))
        .isEqualTo(Outcome.APPLIED);
    assertThat(read(state, NOON)).containsEntry("orders", 1f).containsEntry("spend", 8f);
  }

  @Test
  void letsACancellationHoldOverAnAmendmentOfTheSameMoment() {
    Event order = order("a", NOON - HOUR, 5);
    Correction amendment = amend(order("a", NOON - HOUR, 7), NOON);

    assertThat(state(NOON, order, amendment).fold(cancel("a", NOON), NOON))
        .isEqualTo(Outcome.APPLIED);
    assertThat(state(NOON, order, cancel("a", NOON)).fold(amendment, NOON).verdict())
        .isEqualTo(Verdict.STALE);
  }

  @Test
  void correctsAnEventAheadOfTheClock() {
    Event order = order("a", NOON + MINUTE, 5);
    Event later = order("a", NOON + 2 * MINUTE, 6);
    var state = state(NOON, order, amend(later, NOON));

    assertThat(read(state, NOON + 2 * MINUTE - 1)).containsEntry("orders", 0f);
    assertThat(read(state, NOON + 2 * MINUTE)).containsEntry("spend", 6f);

    state.fold(cancel("a", NOON + 1), NOON);
    assertThat(read(state, NOON + 2 * MINUTE)).containsEntry("orders", 0f);
  }

  @Test
  void doesNotCorrectBeyondTheRetention() {
    var state = state(NOON, order("a", NOON, 5), order("b", NOON, 6));
    state.fold(amend(order("a", NOON, 7), NOON), NOON);
    long later = NOON + 41 * Days.MS;

    assertThat(state.fold(cancel("b", later), later).refusal())
        .isEqualTo(
            new Refusal(
                "event_id", "an event from before the retention (expected: one within it)"));
    assertThat(state.fold(cancel("c", NOON), later).refusal())
        .isEqualTo(
            new Refusal(
                "correction.corrected_at", "UTC day 1997-05-19 (expected: 1997-05-20 or later)"));
    assertThat(state.fold(amend(order("c", NOON, 1), later), later).verdict())
        .isEqualTo(Verdict.TOO_OLD);
    assertThat(state.fold(cancel("c", later + 5 * MINUTE + 1), later).verdict())
        .isEqualTo(Verdict.REJECTED);
    assertThat(read(state, later)).containsEntry("orders", 2f).containsEntry("spend", 13f);
  }

  @Test
  void doesNotCorrectAnAmendedOrderThatHasLeftTheRetention() {
    var state = state(NOON, order("a", NOON, 5));
    long corrected = NOON + 20 * Days.MS;
    long later = NOON + 41 * Days.MS;
    state.fold(amend(order("a", NOON - 1, 7), corrected), corrected);
    state.fold(order("b", later, 1), later);
    state = copy(state);

    assertThat(state.fold(cancel("a", later), later).verdict()).isEqualTo(Verdict.TOO_OLD);
    assertThat(state.fold(amend(order("a", NOON - 1, 7), corrected), later).verdict())
        .isEqualTo(Verdict.DUPLICATE);
    assertThat(read(state, later)).containsEntry("orders", 2f).containsEntry("spend", 8f);
  }

  @Test
  void forgetsCorrectionsThatLeaveTheRetention() {
    var state = state(NOON, order("a", NOON, 5), cancel("a", NOON));
    int withCorrection = state.encode().ledger().length;
    long later = NOON + 41 * Days.MS;
    state.fold(order("b", later, 5), later);

    assertThat(state.encode().ledger().length).isLessThan(withCorrection);
    assertThat(state.fold(order("a", NOON, 5), later).verdict()).isEqualTo(Verdict.TOO_OLD);
  }

  @Test
  void boundsTheCorrectionsOfACustomer() {
    var state = CustomerState.empty(PLAN);
    for (int i = 0; i < 1_024; i++) {
      state.fold(cancel("o" + i, NOON), NOON);
    }

    assertThat(state.fold(cancel("one more", NOON), NOON).refusal())
        .isEqualTo(
            new Refusal(
                "correction", "one more (expected: at most 1024 events of a customer and type)"));
    assertThat(state.fold(cancel("o7", NOON + 1), NOON)).isEqualTo(Outcome.PENDING);
    long later = NOON + 41 * Days.MS;
    assertThat(state.fold(cancel("later", later), later)).isEqualTo(Outcome.PENDING);
  }

  @Test
  void boundsTheAmendedEventsAheadOfTheClock() {
    var state = CustomerState.empty(PLAN);
    for (int i = 0; i < 32; i++) {
      state.fold(order("o" + i, NOON + 1 + i, 1), NOON);
    }

    assertThat(state.fold(amend(order("o3", NOON + 9, 1), NOON), NOON)).isEqualTo(Outcome.APPLIED);
    assertThat(state.fold(amend(order("new", NOON + 9, 1), NOON), NOON).verdict())
        .isEqualTo(Verdict.REJECTED);
  }

  @Test
  void refusesCorrectionsOfTypesThatDoNotKeepTheirEvents() {
    assertThat(PLAN.decoder().decodeCancellation("view", "v", NOON))
        .isEqualTo(
            new Refusal(
                "correction", "of view, whose events are not kept (expected: of one of order)"));
    assertThat(PLAN.decoder().decodeAmendment(view("v", NOON), NOON)).isInstanceOf(Refusal.class);
    assertThat(PLAN.decoder().decodeCancellation("order", "", NOON))
        .isEqualTo(new Refusal("event_id", "empty (expected: 1 to 256 bytes of UTF-8)"));
    assertThat(PLAN.decoder().decodeCancellation("refund", "a", NOON))
        .isEqualTo(new Refusal("type", "refund (expected: one of order, view)"));
    assertThat(
            PLAN.decoder()
                .decodeAmendment(
                    PLAN.decoder().decode("order", "a", NOON, Map.of(), Map.of()), NOON))
        .isEqualTo(new Refusal("measures.amount", "missing (expected: a finite number)"));
  }

  @Test
  void givesTheLabelsBackThatAnOtherOrderHid() {
    List<Change> orders =
        List.of(
            order("a", NOON - 3 * Days.MS, 1, "books"),
            order("b", NOON - 2 * Days.MS, 1, "toys"),
            order("c", NOON - Days.MS, 1, "garden"),
            order("d", NOON, 1, "music"));
    var state = state(NOON, orders.toArray(Change[]::new));

    state.fold(cancel("d", NOON), NOON);

    assertThat(read(state, NOON)).containsEntry("categories", 3f);
    assertThat(state.encode().summary())
        .isEqualTo(state(NOON, orders.subList(0, 3).toArray(Change[]::new)).encode().summary());
  }

  private static CustomerState copy(CustomerState state) {
    PackedState packed = state.encode();
    return CustomerState.decode(PLAN, packed.summary(), packed.ledger(), packed.tail());
  }
}
