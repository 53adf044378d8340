package io.clientele.bench.limits;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
      System.out.printf("warming up: %s%n", scenario.name());
      var _ = closed(scenario, Math.min(WARM_IN_FLIGHT, scenario.mostInFlight()), warmUp);
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
    double half = most / 2;
    if (half > 0 && scenario.mostInFlight() > 1) {
      try (Call call = scenario.open().apply(scenario.mostInFlight())) {
        Round round =
            Round.of(
                scenario,
                () -> OpenLoop.run(call, half, length, scenario.mostInFlight(), Pace.SYSTEM));
        add(measured, new Load(scenario, Point.HALF), round);
      }
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
