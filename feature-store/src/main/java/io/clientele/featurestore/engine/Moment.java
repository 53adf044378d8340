package io.clientele.featurestore.engine;

/**
 * The moment that a change is folded at, and what is taken at it.
 *
 * @param ms the clock, in milliseconds since 1970 UTC
 * @param firstDay the earliest UTC day whose events are taken
 * @param latestMs the latest event time that is taken
 */
record Moment(long ms, long firstDay, long latestMs) {
  /** When the retention begins. */
  long firstMs() {
    return firstDay * Days.MS;
  }
}
