package io.clientele.featurestore.store;

import io.clientele.featurestore.engine.Outcome;
import java.util.List;

/**
 * What became of a customer's events.
 *
 * @param outcomes one an event
 * @param version the customer's version after them
 */
public record Recorded(List<Outcome> outcomes, long version) {
  public Recorded {
    outcomes = List.copyOf(outcomes);
  }
}
