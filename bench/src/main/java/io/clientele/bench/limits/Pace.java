package io.clientele.bench.limits;

import java.util.concurrent.locks.LockSupport;

/** A clock that can be waited for. */
interface Pace {
  Pace SYSTEM =
      new Pace() {
        @Override
        public long nowNs() {
          return System.nanoTime();
        }

        @Override
        public void sleepUntil(long timeNs) {
          for (long leftNs = timeNs - nowNs(); leftNs > 0; leftNs = timeNs - nowNs()) {
            LockSupport.parkNanos(leftNs);
          }
        }
      };

  /** Nanoseconds since some moment. */
  long nowNs();

  /**
   * Returns at that time, or at once where it has passed. It may be late by the system's timers.
   */
  void sleepUntil(long timeNs);
}
