package io.clientele.bench.limits;

import io.clientele.grpc.Logging;
import io.clientele.grpc.Settings;
import io.clientele.grpc.SettingsProblems;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the measurement of how near the services come to a bare echo starts from. */
@Command(
    name = "limits",
    mixinStandardHelpOptions = true,
    description =
        "Starts an echo, the three services, all of them in one JVM and a Redis, measures them and"
            + " writes a table and a chart, each figure beside the echo's.")
public final class LimitsBenchmark implements Callable<Integer> {
  private static final int MOST_IN_FLIGHT = 4_096;

  @Option(
      names = "--length",
      defaultValue = "1500ms",
      paramLabel = "DURATION",
      description = "How long one load takes. Default: ${DEFAULT-VALUE}.")
  private Duration length = Duration.ofMillis(1_500);

  @Option(
      names = "--rounds",
      defaultValue = "5",
      paramLabel = "N",
      description =
          "How often everything is measured; figures are medians. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--warm-up",
      defaultValue = "10s",
      paramLabel = "DURATION",
      description = "How long each scenario runs before. Default: ${DEFAULT-VALUE}.")
  private Duration warmUp = Duration.ofSeconds(10);

  @Option(
      names = "--in-flight",
      split = ",",
      defaultValue = "1,16,64,256",
      paramLabel = "N",
      description = "How many calls at once. Default: ${DEFAULT-VALUE}.")
  private List<Integer> inFlight = List.of();

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "TEXT",
      description =
          "Measures the echo and the scenarios whose names contain one of these. Default: all.")
  private List<String> only = List.of();

  @Option(
      names = "--quick",
      description = "One round, with 500ms a load and 2s to warm up: to see that it works.")
  private boolean quick;

  @Mixin private final Places places = new Places();

  /** Runs the command. */
  public static void main(String[] args) {
    Logging.start(Logging.Format.text, Logging.Level.warn);
    System.exit(Settings.run(new LimitsBenchmark(), args));
  }

  @Override
  public Integer call() throws Exception {
    SettingsProblems problems = new SettingsProblems();
    problems.require(length.isPositive(), "--length", length, "more than 0s");
    problems.require(rounds >= 1, "--rounds", rounds, "1 or more");
    problems.require(
        inFlight.stream().allMatch(calls -> calls >= 1 && calls <= MOST_IN_FLIGHT)
            && inFlight.contains(1),
        "--in-flight",
        inFlight,
        "1.." + MOST_IN_FLIGHT + ", with 1 among them");
    problems.throwIfAny();
    List<Integer> ascending = inFlight.stream().sorted().distinct().toList();
    measure(
        quick
            ? new Measurement(ascending, Duration.ofMillis(500), Duration.ofSeconds(2), 1)
            : new Measurement(ascending, length, warmUp, rounds));
    return 0;
  }

  private void measure(Measurement measurement) throws Exception {
    long startNs = System.nanoTime();
    String machine = Machine.describe();
    try (var processes = new Processes(places.home())) {
      var scenarios = new Scenarios(Services.start(processes, places.models()));
      System.out.printf("loaded %,d events%n", scenarios.load());
      List<Point> points = measurement.run(scenarios.all().stream().filter(this::asked).toList());
      long seconds = Duration.ofNanos(System.nanoTime() - startNs).toSeconds();
      String report = heading(measurement, machine, seconds) + new Report(points).markdown();
      System.out.printf("%n%s%n", report);
      places.write(".md", report);
      places.write(".svg", Chart.ofThroughputAgainstLatency(points));
    }
  }

  private boolean asked(Scenario scenario) {
    return only.isEmpty()
        || scenario.name().equals(Scenarios.ECHO)
        || only.stream().anyMatch(scenario.name()::contains);
  }

  private String heading(Measurement measurement, String machine, long seconds) {
    return """
    # How near to a bare echo

    %s
    %d round(s) of %d ms a load, %d s to warm up each scenario; %d s in all.

    ![Throughput against p99](%s.svg)

    """
        .formatted(
            machine,
            measurement.rounds(),
            measurement.length().toMillis(),
            measurement.warmUp().toSeconds(),
            seconds,
            places.name());
  }
}
