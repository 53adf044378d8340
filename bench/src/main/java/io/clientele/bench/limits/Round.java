package io.clientele.bench.limits;

import io.clientele.bench.limits.Server.Usage;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * One measurement: what it came to, and what each server used for one of its units.
 *
 * @param size units in a call
 */
record Round(Outcome outcome, int size, Map<String, Usage> usage) {
  /** Measures. */
  static Round of(Scenario scenario, Callable<Outcome> load) throws Exception {
    Map<String, Usage> before = usage(scenario);
    Outcome outcome = load.call();
    Map<String, Usage> used = usage(scenario);
    double units = Math.max(1.0, outcome.calls() * (double) scenario.size());
    used.replaceAll((name, after) -> after.minus(before.getOrDefault(name, after)).over(units));
    return new Round(outcome, scenario.size(), used);
  }

  private static Map<String, Usage> usage(Scenario scenario) {
    Map<String, Usage> usage = new HashMap<>();
    scenario.servers().forEach(server -> usage.put(server.name(), server.usage()));
    return usage;
  }

  double unitsPerSecond() {
    return outcome.callsPerSecond() * size;
  }

  /** Milliseconds of a call. */
  double p50() {
    return outcome.millis(50);
  }

  double p99() {
    return outcome.millis(99);
  }

  double p999() {
    return outcome.millis(99.9);
  }

  double cpuMicros() {
    return all().cpuMicros();
  }

  double allocatedBytes() {
    return all().allocatedBytes();
  }

  private Usage all() {
    return usage.values().stream().reduce(new Usage(0, 0), Usage::plus);
  }
}
