package io.clientele.bench.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ClosedLoopTest {
  private static final long MS = 1_000_000;

  @Test
  void beginsACallWhenTheOneBeforeHasEnded() throws InterruptedException {
    var pace = new TestingPace();
    Call inline =
        (number, ended) -> {
          pace.pass(MS);
          ended.ended(number != 7);
        };

    // As many as would overflow the stack, were a call begun within the end of the one before.
    Outcome outcome = ClosedLoop.run(inline, 1, Duration.ofSeconds(100), pace);

    assertThat(outcome.calls()).isEqualTo(99_999);
    assertThat(outcome.errors()).isEqualTo(1);
    assertThat(outcome.seconds()).isEqualTo(100);
    assertThat(outcome.millis(50)).isBetween(1.0, 1.001);
  }

  @Test
  void keepsSoManyInFlightAndWaitsForTheLast() throws InterruptedException {
    var most = new AtomicInteger();
    var now = new AtomicInteger();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      Call call =
          (number, ended) -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            threads.execute(
                () -> {
                  now.decrementAndGet();
                  ended.ended(true);
                });
          };

      Outcome outcome = ClosedLoop.run(call, 5, Duration.ofMillis(200), Pace.SYSTEM);

      assertThat(now).hasValue(0);
      assertThat(most.get()).isBetween(1, 5);
      assertThat(outcome.calls()).isGreaterThanOrEqualTo(5);
    }
  }
}
