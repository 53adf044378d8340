package io.clientele.bench.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.clientele.bench.limits.Outcome.Tally;
import java.util.List;
import org.junit.jupiter.api.Test;

class PointTest {
  private static final Scenario ECHO = TestingPoints.scenario("echo", 1);
  private static final Scenario BATCH = TestingPoints.scenario("ScoreBatch of 100", 100);

  @Test
  void tellsPercentiles() {
    var tally = new Tally();
    for (int micros = 1; micros <= 10_000; micros++) {
      tally.add(micros * 1_000L, true);
    }
    Outcome outcome = tally.outcome(2_000_000_000);

    assertThat(outcome.millis(50)).isCloseTo(5, within(0.01));
    assertThat(outcome.millis(99)).isCloseTo(9.9, within(0.01));
    assertThat(outcome.millis(99.9)).isCloseTo(9.99, within(0.01));
    assertThat(outcome.callsPerSecond()).isEqualTo(5_000);
  }

  @Test
  void takesTheMedianOfRounds() {
    assertThat(Point.median(3, 1, 100)).isEqualTo(3);
    assertThat(Point.median(4, 1, 100, 3)).isEqualTo(3.5);
    assertThat(TestingPoints.point(BATCH, 64, 10, 500, 20).figure(Round::unitsPerSecond))
        .isEqualTo(2_000);
  }

  @Test
  void comparesWithinARound() {
    // The machine was twice as fast in the second round, for both.
    Point echo = TestingPoints.point(ECHO, 64, 100, 200, 100);
    Point batch = TestingPoints.point(BATCH, 64, 2, 4, 3);

    assertThat(batch.ratio(Round::unitsPerSecond, echo)).isEqualTo(2);
  }

  @Test
  void reportsEachFigureBesideTheEchos() {
    List<Point> points =
        List.of(
            TestingPoints.point(ECHO, 1, 1_000),
            TestingPoints.point(ECHO, Point.HALF, 500),
            TestingPoints.point(BATCH, 1, 30),
            TestingPoints.point(BATCH, Point.HALF, 15));

    String report = new Report(points).markdown();

    assertThat(report)
        .contains("| ScoreBatch of 100 | things | 3,000 | 3.00 | 1 |")
        .contains("| ScoreBatch of 100 | 1 | 3,000 (3.00) |")
        .contains("| ScoreBatch of 100 | half the most | 1,500 (3.00) |")
        .contains("| ScoreBatch of 100 | it | 0.3 | 0.02 |"); // a unit, not a call
  }

  @Test
  void drawsALineAScenario() {
    String chart =
        Chart.ofThroughputAgainstLatency(
            List.of(TestingPoints.point(ECHO, 1, 1_000), TestingPoints.point(BATCH, 1, 30)));

    assertThat(chart).startsWith("<svg").endsWith("</svg>\n").doesNotContain("NaN");
    assertThat(chart.split("<polyline", -1)).hasSize(3);
  }
}
