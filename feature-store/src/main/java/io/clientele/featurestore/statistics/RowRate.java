package io.clientele.featurestore.statistics;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Admits rows at a rate, in bursts of up to a second's worth. Where callers race, one is admitted.
 * Thread-safe; never waits.
 */
final class RowRate {
  private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

  private final int rowsPerSecond;

  /** The moment until which the rate is used up; by {@link System#nanoTime}. */
  private final AtomicLong usedUntilNs;

  /**
   * @param rowsPerSecond 0 for none at all
   * @param nowNs a moment from which to admit
   */
  RowRate(int rowsPerSecond, long nowNs) {
    this.rowsPerSecond = rowsPerSecond;
    this.usedUntilNs = new AtomicLong(nowNs);
  }

  /** Whether these rows, at least one, may pass now, all of them. */
  boolean admits(int rows, long nowNs) {
    if (rowsPerSecond == 0) {
      return false;
    }
    long used = usedUntilNs.get();
    long aheadNs = used - nowNs;
    if (aheadNs >= SECOND_NS) {
      return false;
    }
    long next = nowNs + Math.max(0, aheadNs) + rows * SECOND_NS / rowsPerSecond;
    return usedUntilNs.compareAndSet(used, next);
  }
}
