package io.clientele.gateway;

import java.time.Duration;

/**
 * Bounds of loads of one kind.
 *
 * @param maxBatch customers a batch, at most 1,000
 * @param maxFlights batches in flight
 * @param maxCustomers customers that wait or are in flight; one more is refused
 */
public record LaneSettings(int maxBatch, int maxFlights, int maxCustomers) {

  /** A load is two calls, one after the other, so it may take twice as long as one. */
  Coalescer.Limits limits(Duration dependencyTimeout) {
    return new Coalescer.Limits(
        maxBatch, maxFlights, maxCustomers, dependencyTimeout.multipliedBy(2).toNanos());
  }
}
