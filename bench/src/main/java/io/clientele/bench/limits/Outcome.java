package io.clientele.bench.limits;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * What a load came to.
 *
 * @param errors calls that failed, had another answer than was asked for, or could not be sent
 * @param seconds from the first call's beginning to the last one's end
 * @param latenciesNs of the calls that did not fail
 */
record Outcome(long errors, double seconds, Histogram latenciesNs) {
  long calls() {
    return latenciesNs.getTotalCount();
  }

  double callsPerSecond() {
    return calls() / seconds;
  }

  /**
   * @param percentile such as 99.9
   */
  double millis(double percentile) {
    return latenciesNs.getValueAtPercentile(percentile) / 1e6;
  }

  /** Counts calls as they end. Thread-safe. */
  static final class Tally {
    private static final long LONGEST_NS = TimeUnit.MINUTES.toNanos(1);
    private static final int DIGITS = 3;

    private final Histogram latenciesNs = new ConcurrentHistogram(LONGEST_NS, DIGITS);
    private final LongAdder errors = new LongAdder();

    void add(long latencyNs, boolean good) {
      if (good) {
        latenciesNs.recordValue(Math.min(latencyNs, LONGEST_NS));
      } else {
        errors.increment();
      }
    }

    void unsent(long calls) {
      errors.add(calls);
    }

    /** No call may be in flight. */
    Outcome outcome(long elapsedNs) {
      return new Outcome(errors.sum(), elapsedNs / 1e9, latenciesNs);
    }
  }
}
