package io.clientele.gateway;

import io.grpc.Context;
import io.grpc.Deadline;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Contexts with deadlines that pass when a ticker says so. */
final class TestingDeadlines implements AutoCloseable {
  private final TestingTicker ticker;
  private final ScheduledExecutorService scheduler =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("testing-deadlines").factory());

  TestingDeadlines(TestingTicker ticker) {
    this.ticker = ticker;
  }

  Context.CancellableContext in(Duration time) {
    Deadline deadline =
        Deadline.after(
            time.toNanos(),
            TimeUnit.NANOSECONDS,
            new Deadline.Ticker() {
              @Override
              public long nanoTime() {
                return ticker.read();
              }
            });
    return Context.ROOT.withDeadline(deadline, scheduler);
  }

  @Override
  public void close() {
    scheduler.shutdownNow();
  }
}
