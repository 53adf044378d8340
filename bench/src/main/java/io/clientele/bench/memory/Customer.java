package io.clientele.bench.memory;

import io.clientele.featurestore.engine.Event;
import java.util.List;

/**
 * A customer to be loaded.
 *
 * @param events all that the customer did, by time
 */
record Customer(String id, List<Event> events) {
  Customer {
    events = List.copyOf(events);
  }
}
