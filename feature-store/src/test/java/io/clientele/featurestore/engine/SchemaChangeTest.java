package io.clientele.featurestore.engine;

import static io.clientele.featurestore.engine.TestingShop.DAY_0;
import static io.clientele.featurestore.engine.TestingShop.PLAN;
import static io.clientele.featurestore.engine.TestingShop.YAML;
import static io.clientele.featurestore.engine.TestingShop.order;
import static io.clientele.featurestore.engine.TestingShop.read;
import static io.clientele.featurestore.engine.TestingShop.state;
import static io.clientele.featurestore.engine.TestingShop.unanswered;
import static io.clientele.featurestore.engine.TestingShop.view;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SchemaChangeTest {
  private static final long NOON = DAY_0 + 43_200_000;
  private static final String ORDER_DIMENSIONS = "dimensions: {category: {max_values: 3}}";

  @Test
  void leavesFeaturesOverAnEventTypeThatIsDefinedOtherwiseUnanswered() {
    PackedState packed = state(NOON, order("a", NOON, 10), view("v", NOON)).encode();

    for (String yaml :
        new String[] {
          YAML.replace("amount: {decimals: 2}", "amount: {decimals: 3}"),
          YAML.replace("items:", "pieces:").replace("order.items", "order.pieces"),
          YAML.replace("duplicates: retention", "duplicates: {recent: 9}"),
          YAML.replace(ORDER_DIMENSIONS, "dimensions: {category: {max_values: 4}}"),
        }) {
      FeaturePlan other = TestingShop.plan(yaml);

      assertThat(unanswered(other.all(), packed.summary(), NOON))
          .contains("orders", "spend_7d", "recency", "gap_mean", "lateness", "orders_per_view_7d")
          .doesNotContain("views", "last_seconds");
      assertThat(read(other.all(), packed.summary(), NOON))
          .containsEntry("orders", null)
          .containsEntry("views", 1f);
    }
  }

  @Test
  void beginsAHistoryOfItsOwnBesideTheOneThatItCannotRead() {
    PackedState packed = state(NOON, order("a", NOON, 10), view("v", NOON)).encode();
    FeaturePlan other = TestingShop.plan(YAML.replace("{decimals: 2}", "{decimals: 3}"));

    CustomerState state =
        CustomerState.decode(other, packed.summary(), packed.ledger(), packed.tail());
    assertThat(state.fold(order(other, "b", NOON, 7), NOON)).isEqualTo(Outcome.APPLIED);
    PackedState both = copy(other, state).encode();

    assertThat(unanswered(other.all(), both.summary(), NOON)).contains("orders", "spend");
    assertThat(read(other.all(), both.summary(), NOON)).containsEntry("views", 1f);
    // The former catalog has its events back, and knows that some are not among them.
    assertThat(unanswered(PLAN.all(), both.summary(), NOON)).contains("orders", "spend");
    CustomerState back = CustomerState.decode(PLAN, both.summary(), both.ledger(), both.tail());
    assertThat(back.fold(order("a", NOON, 10), NOON)).isEqualTo(Outcome.DUPLICATE);
  }

  @Test
  void keepsTheTailOfATypeThatIsDefinedOtherwise() {
    var known = state(NOON, view("v", NOON));
    for (int i = 0; i < 20; i++) {
      known.fold(order("a" + i, NOON, 10), NOON);
    }
    CustomerState longer = copy(PLAN, known);
    longer.fold(order("b", NOON, 7, "toys"), NOON);
    PackedState packed = longer.update();
    assertThat(packed.tail()).isNotEmpty();
    FeaturePlan other = TestingShop.plan(YAML.replace("{decimals: 2}", "{decimals: 3}"));

    CustomerState state =
        CustomerState.decode(other, packed.summary(), packed.ledger(), packed.tail());
    for (Change change : new Change[] {order(other, "c", NOON, 1), view(other, "w", NOON)}) {
      TestingShop.fold(state, change, NOON);
      PackedState written = state.update();
      state = CustomerState.decode(other, written.summary(), written.ledger(), written.tail());
    }
    PackedState whole = state.encode();
    assertThat(whole.tail()).isNotEmpty();
    assertThatThrownBy(
            () -> CustomerState.decode(PLAN, whole.summary(), whole.ledger(), new byte[0]))
        .isInstanceOf(StateException.class);

    for (PackedState both : new PackedState[] {state.update(), whole}) {
      CustomerState back = CustomerState.decode(PLAN, both.summary(), both.ledger(), both.tail());
      assertThat(back.fold(order("a0", NOON, 10), NOON)).isEqualTo(Outcome.DUPLICATE);
      assertThat(back.fold(order("b", NOON, 7), NOON)).isEqualTo(Outcome.DUPLICATE);
      assertThat(back.fold(view("w", NOON), NOON)).isEqualTo(Outcome.DUPLICATE);
      assertThat(back.fold(Rebuild.of(Set.of("order"), List.of()), NOON))
          .isEqualTo(Outcome.APPLIED);
      assertThat(read(back, NOON)).containsEntry("spend", 207f).containsEntry("views", 2f);
    }
  }

  @Test
  void aRebuildDropsTheTailOfTheFormerDefinition() {
    var known = CustomerState.empty(PLAN);
    for (int i = 0; i < 20; i++) {
      known.fold(order("a" + i, NOON, 10), NOON);
    }
    CustomerState longer = copy(PLAN, known);
    longer.fold(order("b", NOON, 7), NOON);
    PackedState packed = longer.update();
    FeaturePlan other = TestingShop.plan(YAML.replace("{decimals: 2}", "{decimals: 3}"));
    CustomerState state =
        CustomerState.decode(other, packed.summary(), packed.ledger(), packed.tail());

    state.fold(Rebuild.of(Set.of("order"), List.of(order(other, "a0", NOON, 5))), NOON);

    assertThat(state.update().tail()).isEmpty();
    assertThat(unanswered(other.all(), state.update().summary(), NOON)).isEmpty();
    assertThat(read(other.all(), state.update().summary(), NOON)).containsEntry("spend", 5f);
  }

  @Test
  void keepsWhatIsOfATypeThatTheCatalogDoesNotHave() {
    PackedState packed =
        state(NOON, order("a", NOON, 10), view("v", NOON), view("w", NOON + 1)).encode();
    FeaturePlan ordersOnly =
        TestingShop.plan(
            """
            entity: customer
            retention: 40d
            future_tolerance: 5m
            events:
              order:
                duplicates: retention
                measures: {amount: {decimals: 2}, items: {decimals: 0}}
                dimensions: {category: {max_values: 3}}
            features:
              - {name: spend, sum: order.amount, window: lifetime}
            """);

    CustomerState state =
        CustomerState.decode(ordersOnly, packed.summary(), packed.ledger(), packed.tail());
    state.fold(order(ordersOnly, "b", NOON + 2, 7), NOON + 2);
    PackedState written = state.encode();

    assertThat(unanswered(ordersOnly.all(), written.summary(), NOON + 2)).isEmpty();
    assertThat(read(ordersOnly.all(), written.summary(), NOON + 2)).containsEntry("spend", 17f);
    CustomerState back =
        CustomerState.decode(PLAN, written.summary(), written.ledger(), written.tail());
    assertThat(back.fold(view("w", NOON + 1), NOON + 2)).isEqualTo(Outcome.DUPLICATE);
    assertThat(read(back, NOON + 2)).containsEntry("orders", 2f).containsEntry("views", 2f);
  }

  @Test
  void leavesWindowsUnansweredThatReachBackToDaysWithoutTiles() {
    var state = state(NOON, order("a", NOON, 10, "books"));
    state.fold(order("b", NOON + Days.MS, 1), NOON + Days.MS);
    long later = NOON + 50 * Days.MS;
    state.fold(order("c", later, 5, "toys"), later);
    PackedState packed = state.encode();
    FeaturePlan longer =
        TestingShop.plan(
            YAML.replace("retention: 40d", "retention: 80d")
                .replace(
                    "orders_40d, count: order, window: 40d",
                    "orders_50d, count: order, window: 50d")
                .replace(
                    "value_min_30d, min: order.amount, window: 30d",
                    "value_min_60d, min: order.amount, window: 60d")
                .replace(
                    "categories_7d, distinct: order.category, window: 7d",
                    "categories_80d, distinct: order.category, window: 80d"));

    assertThat(unanswered(longer.all(), packed.summary(), later))
        .containsExactly("orders_50d", "value_min_60d");
    assertThat(read(longer.all(), packed.summary(), later))
        .containsEntry("orders_50d", null)
        .containsEntry("orders_7d", 1f)
        .containsEntry("orders", 3f)
        .containsEntry("categories_80d", 2f);
    assertThat(unanswered(longer.all(), packed.summary(), later + Days.MS))
        .containsExactly("value_min_60d");
  }

  @Test
  void refusesEventsOfDaysWhoseIdsAreGone() {
    var state = state(NOON, order("a", NOON, 10));
    long later = NOON + 50 * Days.MS;
    state.fold(order("c", later, 5), later);
    PackedState packed = state.encode();
    FeaturePlan longer = TestingShop.plan(YAML.replace("retention: 40d", "retention: 80d"));
    CustomerState grown =
        CustomerState.decode(longer, packed.summary(), packed.ledger(), packed.tail());

    assertThat(grown.fold(order(longer, "a", NOON, 10), later).verdict())
        .isEqualTo(Verdict.TOO_OLD);
    assertThat(grown.fold(order(longer, "b", NOON + Days.MS, 3), later)).isEqualTo(Outcome.APPLIED);
    assertThat(read(longer.all(), grown.encode().summary(), later))
        .containsAllEntriesOf(Map.of("orders", 3f, "spend", 18f, "gap_max", 49f));
  }

  @Test
  void takesAShorterRetentionFromTheNextEventOn() {
    PackedState packed = state(NOON, order("a", NOON, 10), order("b", NOON, 3)).encode();
    FeaturePlan shorter =
        TestingShop.plan(
            YAML.replace("retention: 40d", "retention: 30d").replace("window: 40d", "window: 30d"));
    long later = NOON + 35 * Days.MS;
    CustomerState state =
        CustomerState.decode(shorter, packed.summary(), packed.ledger(), packed.tail());

    assertThat(state.fold(order(shorter, "a", NOON, 10), later).verdict())
        .isEqualTo(Verdict.TOO_OLD);
    state.fold(order(shorter, "c", later, 1), later);

    assertThat(read(shorter.all(), state.encode().summary(), later))
        .containsEntry("orders", 3f)
        .containsEntry("spend", 14f);
  }

  @Test
  void aRebuildMendsATypeThatIsDefinedOtherwise() {
    PackedState packed = state(NOON, order("a", NOON, 10), view("v", NOON)).encode();
    FeaturePlan other = TestingShop.plan(YAML.replace("{decimals: 2}", "{decimals: 3}"));
    CustomerState state =
        CustomerState.decode(other, packed.summary(), packed.ledger(), packed.tail());
    state.fold(order(other, "b", NOON, 7), NOON);
    Rebuild rebuild = Rebuild.of(Set.of("order"), List.of(order(other, "a", NOON, 10.125)));

    assertThat(state.fold(rebuild, NOON)).isEqualTo(Outcome.APPLIED);

    PackedState rebuilt = copy(other, state).encode();
    assertThat(unanswered(other.all(), rebuilt.summary(), NOON)).isEmpty();
    assertThat(read(other.all(), rebuilt.summary(), NOON))
        .containsEntry("orders", 2f)
        .containsEntry("spend", 17.125f)
        .containsEntry("views", 1f);
    assertThat(state.fold(rebuild, NOON)).isEqualTo(Outcome.DUPLICATE);
    assertThat(state.fold(order(other, "a", NOON, 10), NOON)).isEqualTo(Outcome.DUPLICATE);
  }

  @Test
  void aRebuildBringsBackTheDaysOfALongerRetention() {
    var state = state(NOON, order("a", NOON, 10));
    long later = NOON + 50 * Days.MS;
    state.fold(order("c", later, 5), later);
    PackedState packed = state.encode();
    FeaturePlan longer =
        TestingShop.plan(
            YAML.replace("retention: 40d", "retention: 80d")
                .replace(
                    "orders_40d, count: order, window: 40d",
                    "orders_80d, count: order, window: 80d"));
    assertThat(unanswered(longer.all(), packed.summary(), later)).containsExactly("orders_80d");
    CustomerState grown =
        CustomerState.decode(longer, packed.summary(), packed.ledger(), packed.tail());

    grown.fold(Rebuild.of(Set.of("order"), List.of(order(longer, "a", NOON, 10))), later);

    assertThat(unanswered(longer.all(), grown.encode().summary(), later)).isEmpty();
    assertThat(read(longer.all(), grown.encode().summary(), later))
        .containsEntry("orders_80d", 2f)
        .containsEntry("spend", 15f);
    assertThat(grown.fold(order(longer, "a", NOON, 10), later)).isEqualTo(Outcome.DUPLICATE);
  }

  @Test
  void aRebuildLeavesOtherTypesAsTheyAreAndDropsThoseThatTheCatalogDoesNotHave() {
    PackedState packed = state(NOON, order("a", NOON, 10), view("v", NOON)).encode();
    FeaturePlan viewsOnly =
        TestingShop.plan(
            """
            entity: customer
            retention: 40d
            future_tolerance: 5m
            events:
              view:
                duplicates: {recent: 64}
                measures: {seconds: {decimals: 1}}
                dimensions: {category: {max_values: 2}, page: {max_values: 8}}
              wish: {duplicates: retention}
            features:
              - {name: views, count: view, window: lifetime}
            """);
    CustomerState state =
        CustomerState.decode(viewsOnly, packed.summary(), packed.ledger(), packed.tail());

    assertThat(state.fold(Rebuild.of(Set.of("wish"), List.of()), NOON)).isEqualTo(Outcome.APPLIED);

    PackedState rebuilt = state.encode();
    assertThat(read(viewsOnly.all(), rebuilt.summary(), NOON)).containsEntry("views", 1f);
    CustomerState back =
        CustomerState.decode(PLAN, rebuilt.summary(), rebuilt.ledger(), rebuilt.tail());
    assertThat(read(back, NOON)).containsEntry("orders", 0f).containsEntry("views", 1f);
  }

  @Test
  void aRebuildTakesNoEventsFromTheFuture() {
    var state = CustomerState.empty(PLAN);

    state.fold(
        Rebuild.of(
            Set.of("order"),
            List.of(
                order("now", NOON, 1),
                order("soon", NOON + 300_000, 2),
                order("later", NOON + 300_001, 4))),
        NOON);

    assertThat(read(state, NOON)).containsEntry("spend", 1f);
    assertThat(read(state, NOON + Days.MS)).containsEntry("spend", 3f);
  }

  @Test
  void aRebuildOfNothingChangesNothing() {
    var state = CustomerState.empty(PLAN);

    assertThat(state.fold(Rebuild.of(Set.of("order"), List.of()), NOON))
        .isEqualTo(Outcome.DUPLICATE);
  }

  private static CustomerState copy(FeaturePlan plan, CustomerState state) {
    PackedState packed = state.encode();
    return CustomerState.decode(plan, packed.summary(), packed.ledger(), packed.tail());
  }
}
