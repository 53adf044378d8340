package io.clientele.bench.limits;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.bench.limits.Growth.Step;
import java.util.List;
import org.junit.jupiter.api.Test;

class GrowthTest {
  private static final Scenario ECHO = TestingPoints.scenario("echo", 1);
  private static final Scenario SCORE = TestingPoints.scenario("Score", 1);

  /** The machine is half as fast in the second step; calls take 1 ms. */
  private final Growth growth =
      new Growth(
          "customers in the store",
          List.of(step(10, 1_000, 500, 4_000, 1_000), step(100, 500, 100, 2_000, 400)));

  private static Step step(int size, int echoOne, int scoreOne, int echoMany, int scoreMany) {
    return new Step(
        size,
        List.of(
            TestingPoints.point(ECHO, 1, echoOne),
            TestingPoints.point(ECHO, 64, echoMany),
            TestingPoints.point(ECHO, Point.HALF, echoMany / 2),
            TestingPoints.point(SCORE, 1, scoreOne),
            TestingPoints.point(SCORE, 64, scoreMany),
            TestingPoints.point(SCORE, Point.HALF, scoreMany / 2)));
  }

  @Test
  void putsEachFigureBesideTheEchosAndTheLastStepBesideTheFirst() {
    assertThat(growth.markdown())
        .contains("| 10 | 1,000 (0.25) | 1.0 (4.00) | 1.000 (1.00) |")
        .contains("| 100 | 400 (0.20) |")
        .contains("| **last over first** | 0.40 (0.80) |");
  }

  @Test
  void drawsThroughputAndLatency() {
    String svg = Chart.svg(growth.charts());

    assertThat(svg).doesNotContain("NaN").contains("customers in the store", "latency of a call");
    assertThat(svg.split("<polyline", -1)).hasSize(1 + 2 + 8);
  }
}
