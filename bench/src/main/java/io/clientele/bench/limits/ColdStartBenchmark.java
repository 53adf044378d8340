package io.clientele.bench.limits;

import io.clientele.bench.limits.Start.StartedAs;
import io.clientele.grpc.Logging;
import io.clientele.grpc.Settings;
import io.clientele.grpc.SettingsProblems;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the measurement of starts begins. */
@Command(
    name = "cold-start",
    mixinStandardHelpOptions = true,
    description =
        "Starts the platform with and without what helps a start, calls it at once at half of the"
            + " most that it answers, and writes a table.")
public final class ColdStartBenchmark implements Callable<Integer> {
  @Option(
      names = "--starts",
      defaultValue = "3",
      paramLabel = "N",
      description =
          "How often each start is measured; figures are medians. Default: ${DEFAULT-VALUE}.")
  private int starts;

  @Option(
      names = "--calls",
      defaultValue = "5000",
      paramLabel = "N",
      description = "How many calls are the first ones. Default: ${DEFAULT-VALUE}.")
  private int calls;

  @Option(
      names = "--load",
      defaultValue = "15s",
      paramLabel = "DURATION",
      description =
          "How long a load makes a platform steady, in seconds. Default: ${DEFAULT-VALUE}.")
  private Duration load = Duration.ofSeconds(15);

  @Option(
      names = "--as",
      split = ",",
      defaultValue = "up,three",
      paramLabel = "up,three",
      description = "What is started: all in one process, or three. Default: ${DEFAULT-VALUE}.")
  private List<StartedAs> as = List.of();

  @Option(
      names = "--help-by",
      split = ",",
      defaultValue = "both,cache,warm_up,none",
      paramLabel = "WHAT",
      description = "What helps: both,cache,warm_up,none. Default: ${DEFAULT-VALUE}.")
  private List<StartHelp> help = List.of();

  @Mixin private final Places places = new Places();

  /** Runs the command. */
  public static void main(String[] args) {
    Logging.start(Logging.Format.text, Logging.Level.warn);
    System.exit(Settings.run(new ColdStartBenchmark(), args));
  }

  @Override
  public Integer call() throws Exception {
    SettingsProblems problems = new SettingsProblems();
    problems.require(starts >= 1, "--starts", starts, "1 or more");
    problems.require(calls >= 100, "--calls", calls, "100 or more");
    problems.require(
        load.isPositive() && load.toNanosPart() == 0, "--load", load, "1s or more, whole seconds");
    problems.throwIfAny();
    String machine = Machine.describe();
    Map<StartedAs, Double> rates = new EnumMap<>(StartedAs.class);
    List<Start> done = new ArrayList<>();
    try (var platform = new Starts(places.home(), load, calls)) {
      System.out.println("warming the load up on an echo");
      platform.warmLoad();
      System.out.printf("%,d events loaded%n", platform.fill());
      for (StartedAs one : as) {
        rates.put(one, platform.most(one) / 2);
        System.out.printf("half of the most, %s: %,.0f calls/s%n", one.words(), rates.get(one));
        // The load's own code is cold for calls at a fixed rate: this start does not count.
        var _ = platform.measure(StartHelp.BOTH, one, rates.getOrDefault(one, 0.0));
      }
      for (int round = 1; round <= starts; round++) {
        for (StartedAs one : as) {
          for (StartHelp helped : help) {
            Start start = platform.measure(helped, one, rates.getOrDefault(one, 0.0));
            System.out.printf("%d of %d: %s%n", round, starts, ColdStartReport.line(start));
            done.add(start);
          }
        }
      }
      String report =
          """
          # Cold starts

          %s Medians of %d start(s). The launcher's JVM flags: `%s`.

          """
                  .formatted(machine, starts, String.join(" ", platform.jvmFlags()))
              + new ColdStartReport(done, rates, calls, load).markdown();
      System.out.printf("%n%s%n", report);
      places.write(".md", report);
    }
    return 0;
  }
}
