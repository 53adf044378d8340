package io.clientele.featurestore.store;

import io.clientele.featurestore.engine.Change;
import java.util.List;

/**
 * What happened to one customer.
 *
 * @param changes in the order in which they are folded
 */
public record CustomerChanges(String customerId, List<Change> changes) {
  public CustomerChanges {
    changes = List.copyOf(changes);
  }
}
