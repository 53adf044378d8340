package io.clientele.featurestore.engine;

import static io.clientele.featurestore.engine.TestingShop.DAY_0;
import static io.clientele.featurestore.engine.TestingShop.PLAN;
import static io.clientele.featurestore.engine.TestingShop.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CustomerReplayTest {
  private final List<String> rows = new ArrayList<>();
  private final CustomerReplay replay =
      new CustomerReplay(
          PLAN,
          new long[] {DAY_0, DAY_0 + 100 * Days.MS},
          (customer, asOf, values, presence) ->
              rows.add(
                  customer
                      + " "
                      + asOf
                      + " "
                      + TestingShop.byName(PLAN.all(), values, presence).get("orders")));

  @Test
  void readsEachCustomerAtEachMomentWithAnEventBefore() {
    replay.begin("alice");
    replay.add(order("a", DAY_0, 1));
    replay.add(order("b", DAY_0 + 1, 1));
    replay.end();
    replay.begin("bob");
    replay.add(order("a", DAY_0 + 1, 1));
    replay.add(order("b", DAY_0 + 200 * Days.MS, 1));
    replay.end();
    replay.begin("carol");
    replay.add(order("a", DAY_0 + 200 * Days.MS, 1));
    replay.end();

    assertThat(rows).containsExactly("alice 0 1.0", "alice 1 2.0", "bob 1 1.0");
  }

  @Test
  void givesVerdicts() {
    replay.begin("alice");

    assertThat(replay.add(order("a", DAY_0, 1)).verdict()).isEqualTo(Verdict.APPLIED);
    assertThat(replay.add(order("a", DAY_0 + 1, 1)).verdict()).isEqualTo(Verdict.DUPLICATE);
  }

  @Test
  void wantsEventsAndMomentsInOrderOfTime() {
    replay.begin("alice");
    replay.add(order("a", DAY_0, 1));

    assertThatThrownBy(() -> replay.add(order("b", DAY_0 - 1, 1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new CustomerReplay(PLAN, new long[] {2, 2}, (c, a, v, p) -> {}))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
