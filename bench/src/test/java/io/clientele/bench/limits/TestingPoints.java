package io.clientele.bench.limits;

import io.clientele.bench.limits.Outcome.Tally;
import io.clientele.bench.limits.Server.Usage;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Measurements that were never made. */
final class TestingPoints {
  private TestingPoints() {}

  /** Rounds of a second with so many calls of a millisecond each. */
  static Point point(Scenario scenario, int inFlight, int... calls) {
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

  static Scenario scenario(String name, int size) {
    Server server = Server.process("it", ProcessHandle.current());
    return new Scenario(name, "things", size, List.of(server), inFlight -> (n, ended) -> {});
  }
}
