package io.clientele.bench.limits;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Measures scenarios in rounds, so that what disturbs the machine for a while disturbs all alike.
 *
 * @param inFlight how many calls at once, ascending
 * @param length of one load
 */
record Measurement(List<Integer> inFlight, Duration length, Duration warmUp, int rounds) {
  private static final int WARM_IN_FLIGHT = 64;

  /** Points in the order of the scenarios, each with its numbers in flight, then half the most. */
  List<Point> run(List<Scenario> scenarios) throws Exception {
    for (Scenario scenario : scenarios) {
      warmUp(scenario, warmUp);
    }
    Map<Load, List<Round>> measured = new LinkedHashMap<>();
    for (int round = 1; round <= rounds; round++) {
      for (Scenario scenario : scenarios) {
        System.out.printf("round %d of %d: %s%n", round, rounds, scenario.name());
        measure(scenario, measured);
      }
    }
    List<Point> points = new ArrayList<>();
    measured.forEach((load, done) -> points.add(new Point(load.scenario(), load.inFlight(), done)));
    return points;
  }

  /** With so many in flight, then at a rate: the first calls of either make compiled code anew. */
  void warmUp(Scenario scenario, Duration length) throws Exception {
    System.out.printf("warming up: %s%n", scenario.name());
    Duration paced = scenario.mostInFlight() == 1 ? Duration.ZERO : length.dividedBy(4);
    int callers = Math.min(WARM_IN_FLIGHT, scenario.mostInFlight());
    Round round = closed(scenario, callers, length.minus(paced));
    var _ = atHalf(scenario, round.outcome().callsPerSecond(), paced);
  }

  private record Load(Scenario scenario, int inFlight) {}

  private void measure(Scenario scenario, Map<Load, List<Round>> measured) throws Exception {
    double most = 0;
    for (int callers : inFlight) {
      if (callers <= scenario.mostInFlight()) {
        Round round = closed(scenario, callers, length);
        most = Math.max(most, round.outcome().callsPerSecond());
        add(measured, new Load(scenario, callers), round);
      }
    }
    Round half = atHalf(scenario, most, length);
    if (half != null) {
      add(measured, new Load(scenario, Point.HALF), half);
    }
  }

  /** Null for a scenario of one caller, or of no calls. */
  private static @Nullable Round atHalf(Scenario scenario, double most, Duration length)
      throws Exception {
    if (most == 0 || scenario.mostInFlight() == 1) {
      return null;
    }
    try (Call call = scenario.open().apply(scenario.mostInFlight())) {
      return Round.of(
          scenario,
          () -> OpenLoop.run(call, most / 2, length, scenario.mostInFlight(), Pace.SYSTEM));
    }
  }

  private static void add(Map<Load, List<Round>> measured, Load load, Round round) {
    measured.computeIfAbsent(load, any -> new ArrayList<>()).add(round);
  }

  private static Round closed(Scenario scenario, int callers, Duration length) throws Exception {
    try (Call call = scenario.open().apply(callers)) {
      return Round.of(scenario, () -> ClosedLoop.run(call, callers, length, Pace.SYSTEM));
    }
  }
}
