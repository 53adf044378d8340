package io.clientele.bench.limits;

import io.clientele.bench.limits.Call.Ended;
import io.clientele.bench.limits.Outcome.Tally;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A number of callers, each of whom begins the next call when the one before has ended: it finds
 * the most that a server does. A slow answer also delays what is asked next, so its latencies are
 * those of patient callers; {@link OpenLoop} has the others.
 */
final class ClosedLoop {
  private static final long PATIENCE_SECONDS = 30;

  private final Call call;
  private final Pace pace;
  private final long endNs;
  private final CountDownLatch callers;
  private final Tally tally = new Tally();
  private final AtomicLong numbers = new AtomicLong();

  private ClosedLoop(Call call, int inFlight, long endNs, Pace pace) {
    this.call = call;
    this.pace = pace;
    this.endNs = endNs;
    callers = new CountDownLatch(inFlight);
  }

  /**
   * Calls for so long, then waits for what is in flight.
   *
   * @throws IllegalStateException if an answer does not come
   */
  static Outcome run(Call call, int inFlight, Duration length, Pace pace)
      throws InterruptedException {
    long startNs = pace.nowNs();
    var loop = new ClosedLoop(call, inFlight, startNs + length.toNanos(), pace);
    for (int i = 0; i < inFlight; i++) {
      loop.new Caller().next();
    }
    long patienceSeconds = length.toSeconds() + PATIENCE_SECONDS;
    if (!loop.callers.await(patienceSeconds, TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          loop.callers.getCount() + " calls without an answer after " + patienceSeconds + " s");
    }
    return loop.tally.outcome(pace.nowNs() - startNs);
  }

  private final class Caller implements Ended {
    private final AtomicInteger turns = new AtomicInteger();
    private long begunNs;

    void next() {
      if (turns.getAndIncrement() > 0) {
        return; // the call ended before it had begun: whoever began it goes on, without recursion
      }
      do {
        begunNs = pace.nowNs();
        if (begunNs >= endNs) {
          callers.countDown();
          return;
        }
        call.begin(numbers.getAndIncrement(), this);
      } while (turns.decrementAndGet() > 0);
    }

    @Override
    public void ended(boolean good) {
      tally.add(pace.nowNs() - begunNs, good);
      next();
    }
  }
}
