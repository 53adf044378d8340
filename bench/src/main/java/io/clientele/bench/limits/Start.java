package io.clientele.bench.limits;

import java.util.List;

/**
 * What one start came to.
 *
 * @param services in the order in which they were started
 * @param first the first calls after SERVING
 * @param callsPerSecond in each second of a load after those
 * @param steady as many calls as the first at the same rate, after the load; more than once
 */
record Start(
    StartHelp help,
    StartedAs as,
    List<OneService> services,
    FixedRate first,
    List<Double> callsPerSecond,
    C2Seconds c2Seconds,
    List<FixedRate> steady) {
  /** How the platform is started. */
  enum StartedAs {
    UP("`clientele up`"),
    THREE("three processes");

    private final String words;

    StartedAs(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }
  }

  /**
   * A process of it.
   *
   * @param seconds from exec to SERVING
   * @param restMiB resident memory then
   * @param loadedMiB the same after a load
   */
  record OneService(String name, double seconds, double restMiB, double loadedMiB) {}

  /** Calls at a fixed rate, and who had the cores meanwhile. */
  record FixedRate(Outcome outcome, CoresUsed cores) {
    /** How many cores were in use. */
    double busyCores() {
      return cores.total() / outcome.seconds();
    }
  }

  /** CPU that the C2 compilers of all services have used up to a moment. */
  record C2Seconds(double atServing, double afterFirstCalls, double afterLoad) {}

  /** Milliseconds; the median of several loads. */
  double steadyMillis(double percentile) {
    return Point.median(
        steady.stream().mapToDouble(calls -> calls.outcome().millis(percentile)).toArray());
  }

  /** How many times the steady p99 the first calls' is. */
  double ratio() {
    return first.outcome.millis(99) / steadyMillis(99);
  }
}
