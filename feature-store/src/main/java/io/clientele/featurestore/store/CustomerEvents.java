package io.clientele.featurestore.store;

import io.clientele.featurestore.engine.Event;
import java.util.List;

/**
 * What one customer did.
 *
 * @param events in the order in which they are folded
 */
public record CustomerEvents(String customerId, List<Event> events) {
  public CustomerEvents {
    events = List.copyOf(events);
  }
}
