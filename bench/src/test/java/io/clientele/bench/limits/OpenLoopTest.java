package io.clientele.bench.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class OpenLoopTest {
  private static final long MS = 1_000_000;

  private final TestingPace pace = new TestingPace();

  @Test
  void countsFromWhenACallWasToBeSent() throws InterruptedException {
    // One call stands still for 50 ms, so that those to be sent meanwhile go late.
    Call stalling =
        (number, ended) -> {
          pace.pass(number == 10 ? 50 * MS : MS / 10);
          ended.ended(true);
        };

    Outcome outcome = OpenLoop.run(stalling, 1_000, Duration.ofMillis(100), 10, pace);

    assertThat(outcome.calls()).isEqualTo(100);
    // 50 ms of the call itself, then 49.1, 48.2, 47.3 … of those behind it.
    assertThat(outcome.millis(100)).isBetween(50.0, 50.1);
    assertThat(outcome.millis(90)).isBetween(40.0, 50.0);
    assertThat(outcome.latenciesNs().getCountBetweenValues(2 * MS, 60 * MS)).isGreaterThan(50);
  }

  @Test
  void keepsTheRateWhereNothingStalls() throws InterruptedException {
    Call quick =
        (number, ended) -> {
          pace.pass(MS / 2);
          ended.ended(true);
        };

    Outcome outcome = OpenLoop.run(quick, 500, Duration.ofSeconds(2), 1, pace);

    assertThat(outcome.calls()).isEqualTo(1_000);
    assertThat(outcome.millis(99.9)).isBetween(0.5, 0.501);
    assertThat(outcome.callsPerSecond()).isBetween(499.0, 502.0);
  }

  @Test
  void countsCallsThatCouldNotBeSentAsErrors() throws InterruptedException {
    Call slow =
        (number, ended) -> {
          pace.pass(100 * MS);
          ended.ended(true);
        };

    Outcome outcome = OpenLoop.run(slow, 100, Duration.ofSeconds(1), 10, pace);

    assertThat(outcome.calls()).isEqualTo(31); // until three times the length
    assertThat(outcome.errors()).isEqualTo(69);
  }

  @Test
  void countsAFailureAsAnErrorAndNotAsALatency() throws InterruptedException {
    Call failing = (number, ended) -> ended.ended(number % 4 > 0);

    Outcome outcome = OpenLoop.run(failing, 100, Duration.ofSeconds(1), 10, pace);

    assertThat(outcome.calls()).isEqualTo(75);
    assertThat(outcome.errors()).isEqualTo(25);
  }
}
