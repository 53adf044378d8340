package io.clientele.featurestore.store;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.engine.Event;
import io.clientele.featurestore.engine.FeaturePlan;
import java.util.List;
import java.util.Map;

/** Events of the retail catalog, as the engine takes them. */
final class TestingOrders {
  static final FeaturePlan PLAN = FeaturePlan.of(Catalog.retail());

  private TestingOrders() {}

  static CustomerChanges order(String customer, String id, long timeMs) {
    return order(PLAN, customer, id, timeMs);
  }

  /**
   * @param plan with such orders
   */
  static CustomerChanges order(FeaturePlan plan, String customer, String id, long timeMs) {
    var event =
        (Event)
            plan.decoder()
                .decode("order", id, timeMs, Map.of("amount", 1.0, "items", 1.0), Map.of());
    return new CustomerChanges(customer, List.of(event));
  }
}
