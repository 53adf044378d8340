package io.clientele.bench.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.clientele.bench.limits.Outcome.Tally;
import io.clientele.bench.limits.Server.Usage;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PointTest {
  private static final Scenario ECHO = scenario("echo", 1);
  private static final Scenario BATCH = scenario("ScoreBatch of 100", 100);

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
    assertThat(point(BATCH, 64, 10, 500, 20).figure(Round::unitsPerSecond)).isEqualTo(2_000);
  }

  @Test
  void comparesWithinARound() {
    // The machine was twice as fast in the second round, for both.
    Point echo = point(ECHO, 64, 100, 200, 100);
    Point batch = point(BATCH, 64, 2, 4, 3);

    assertThat(batch.ratio(Round::unitsPerSecond, echo)).isEqualTo(2);
  }

  @Test
  void reportsEachFigureBesideTheEchos() {
    List<Point> points =
        List.of(
            point(ECHO, 1, 1_000),
            point(ECHO, Point.HALF, 500),
            point(BATCH, 1, 30),
            point(BATCH, Point.HALF, 15));

    String report = new Report(points).markdown();

    assertThat(report)
        .contains("| ScoreBatch of 100 | things | 3,000 | 3.00 | 1 |")
        .contains("| ScoreBatch of 100 | 1 | 3,000 (3.00) |")
        .contains("| ScoreBatch of 100 | half the most | 1,500 (3.00) |")
        .contains("| ScoreBatch of 100 | it | 0.3 | 0.02 |"); // a unit, not a call
  }

  @Test
  void drawsALineAScenario() {
    String chart = Chart.svg(List.of(point(ECHO, 1, 1_000), point(BATCH, 1, 30)));

    assertThat(chart).startsWith("<svg").endsWith("</svg>\n").doesNotContain("NaN");
    assertThat(chart.split("<polyline", -1)).hasSize(3);
  }

  /** Rounds of a second with so many calls of a millisecond each. */
  private static Point point(Scenario scenario, int inFlight, int... calls) {
    return new Point(
        scenario, inFlight, Arrays.stream(calls).mapToObj(n -> round(scenario, n)).toList());
  }

  private static Round round(Scenario scenario, int calls) {
    var tally = new Tally();
    for (int i = 0; i < calls; i++) {
      tally.add(1_000_000, true);
    }
    double units = calls * (double) scenario.size();
    return new Round(
        tally.outcome(1_000_000_000),
        scenario.size(),
        Map.of("it", new Usage(1_000, 51_200).over(units)));
  }

  private static Scenario scenario(String name, int size) {
    Server server = Server.process("it", ProcessHandle.current());
    return new Scenario(name, "things", size, List.of(server), inFlight -> (n, ended) -> {});
  }
}
