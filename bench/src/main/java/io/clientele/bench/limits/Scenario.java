package io.clientele.bench.limits;

import java.util.List;
import java.util.function.IntFunction;

/**
 * Something that is measured.
 *
 * @param unit what is counted, such as customers
 * @param size how many of them are in a call
 * @param mostInFlight calls beyond which a server would refuse some, as too many rows would wait
 * @param servers the processes that work on it
 * @param open makes the call for a number in flight
 */
record Scenario(
    String name,
    String unit,
    int size,
    int mostInFlight,
    List<Server> servers,
    IntFunction<? extends Call> open) {
  private static final int MOST_ROWS = 8_192; // the scorer's queue

  Scenario(
      String name, String unit, int size, List<Server> servers, IntFunction<? extends Call> open) {
    this(name, unit, size, MOST_ROWS / size, servers, open);
  }
}
