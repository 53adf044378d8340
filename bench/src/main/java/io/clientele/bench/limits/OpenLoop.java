package io.clientele.bench.limits;

import io.clientele.bench.limits.Outcome.Tally;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Calls at a fixed rate, whatever becomes of those before, as of callers who do not know of each
 * other. A latency counts from when the call was to be sent: a stall shows in every call that it
 * delayed, and not just in those that were in flight.
 */
final class OpenLoop {
  private static final long PATIENCE_SECONDS = 30;
  private static final int LATEST_END = 3; // times the length

  private OpenLoop() {}

  /**
   * Calls for so long, then waits for what is in flight. Calls that a server too slow for the rate
   * has kept from being sent by three times the length are errors.
   *
   * @param rate calls a second
   * @param mostInFlight a call that would be more than these waits, and its latency counts on
   * @throws IllegalStateException if an answer does not come
   */
  static Outcome run(Call call, double rate, Duration length, int mostInFlight, Pace pace)
      throws InterruptedException {
    var tally = new Tally();
    var slots = new Semaphore(mostInFlight);
    long calls = Math.max(1, Math.round(rate * length.toNanos() / 1e9));
    long startNs = pace.nowNs();
    long latestNs = startNs + LATEST_END * length.toNanos();
    for (long number = 0; number < calls; number++) {
      long intendedNs = startNs + (long) (number / rate * 1e9);
      pace.sleepUntil(intendedNs);
      acquire(slots, 1);
      if (pace.nowNs() > latestNs) {
        slots.release();
        tally.unsent(calls - number);
        break;
      }
      call.begin(
          number,
          good -> {
            tally.add(pace.nowNs() - intendedNs, good);
            slots.release();
          });
    }
    acquire(slots, mostInFlight);
    return tally.outcome(pace.nowNs() - startNs);
  }

  private static void acquire(Semaphore slots, int permits) throws InterruptedException {
    if (!slots.tryAcquire(permits, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("calls without an answer after " + PATIENCE_SECONDS + " s");
    }
  }
}
