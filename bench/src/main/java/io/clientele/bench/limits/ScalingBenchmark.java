package io.clientele.bench.limits;

import io.clientele.bench.limits.GrowingStore.Size;
import io.clientele.bench.limits.Growth.Step;
import io.clientele.bench.limits.Processes.Redis;
import io.clientele.bench.limits.Processes.Service;
import io.clientele.grpc.Logging;
import io.clientele.grpc.Settings;
import io.clientele.grpc.SettingsProblems;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the measurement of what scoring costs as things grow starts from. */
@Command(
    name = "scaling",
    mixinStandardHelpOptions = true,
    description =
        "Measures uncached scoring, and the echo beside it, with more and more customers in the"
            + " store, models that serve, and customers in a call; and Score beside a backfill."
            + " Starts all that it needs.")
public final class ScalingBenchmark implements Callable<Integer> {
  private static final int MOST_CUSTOMERS = 10_000_000 - 1; // ids have seven digits
  private static final int MOST_MODELS = 64;
  private static final int LARGEST_BATCH = 1_000;
  private static final List<Integer> IN_FLIGHT = List.of(1, 64);
  private static final List<Integer> BATCHES_IN_FLIGHT = List.of(1, 8, 64);
  private static final double INTERACTIVE = 0.1; // of the most

  @Option(
      names = "--customers",
      split = ",",
      defaultValue = "10000,100000,1000000",
      paramLabel = "N",
      description = "Customers in the store, 1,000 or more. Default: ${DEFAULT-VALUE}.")
  private List<Integer> customers = List.of();

  @Option(
      names = "--models",
      split = ",",
      defaultValue = "1,2,4,8",
      paramLabel = "N",
      description = "Models that serve. Default: ${DEFAULT-VALUE}.")
  private List<Integer> models = List.of();

  @Option(
      names = "--batch",
      split = ",",
      defaultValue = "1,10,100,1000",
      paramLabel = "N",
      description = "Customers in a ScoreBatch. Default: ${DEFAULT-VALUE}.")
  private List<Integer> batch = List.of();

  @Option(
      names = "--length",
      defaultValue = "1500ms",
      paramLabel = "DURATION",
      description = "How long one load takes. Default: ${DEFAULT-VALUE}.")
  private Duration length = Duration.ofMillis(1_500);

  @Option(
      names = "--rounds",
      defaultValue = "3",
      paramLabel = "N",
      description =
          "How often each step is measured; figures are medians. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--warm-up",
      defaultValue = "30s",
      paramLabel = "DURATION",
      description =
          "How long servers that have just started run before; a sixth of it for each load"
              + " otherwise. Default: ${DEFAULT-VALUE}.")
  private Duration warmUp = Duration.ofSeconds(30);

  @Mixin private final Places places = new Places();

  /** Runs the command. */
  public static void main(String[] args) {
    Logging.start(Logging.Format.text, Logging.Level.warn);
    System.exit(Settings.run(new ScalingBenchmark(), args));
  }

  @Override
  public Integer call() throws Exception {
    SettingsProblems problems = new SettingsProblems();
    require(problems, "--customers", customers, LARGEST_BATCH, MOST_CUSTOMERS);
    require(problems, "--models", models, 1, MOST_MODELS);
    require(problems, "--batch", batch, 1, LARGEST_BATCH);
    problems.require(length.isPositive(), "--length", length, "more than 0s");
    problems.require(rounds >= 1, "--rounds", rounds, "1 or more");
    problems.throwIfAny();
    long startNs = System.nanoTime();
    String machine = Machine.describe();
    try (var processes = new Processes(places.home())) {
      ScalingReport report = measure(processes);
      long seconds = Duration.ofNanos(System.nanoTime() - startNs).toSeconds();
      report.write(heading(machine, seconds), places);
    }
    return 0;
  }

  private static void require(
      SettingsProblems problems, String key, List<Integer> sizes, int least, int most) {
    problems.require(
        !sizes.isEmpty()
            && sizes.stream().allMatch(size -> size >= least && size <= most)
            && sizes.equals(sizes.stream().sorted().distinct().toList()),
        key,
        sizes,
        least + ".." + most + ", ascending");
  }

  private String heading(String machine, long seconds) {
    return """
    # What scoring costs as things grow

    %s
    %d round(s) of %d ms a load; %d s in all.

    """
        .formatted(machine, rounds, length.toMillis(), seconds);
  }

  private ScalingReport measure(Processes processes) throws Exception {
    Path shipped = places.models();
    Redis redis = processes.redis();
    Service echo = processes.echo();
    Service featureStore = processes.featureStore(redis, shipped);
    Service scorer = processes.scorer(shipped);
    Service gateway = processes.gateway(featureStore, scorer);
    try (var store = new GrowingStore(featureStore, redis)) {
      Platform platform = new Platform(echo, redis, featureStore, scorer, gateway);
      List<Size> sizes = new ArrayList<>();
      List<Step> byCustomers = new ArrayList<>();
      for (int size : customers) {
        sizes.add(store.grow(size));
        System.out.println(sizes.getLast());
        byCustomers.add(step(size, platform, store.sample(), byCustomers.isEmpty()));
      }
      List<String> sample = store.sample();
      Growth byBatch = byBatch(platform, sample);
      double rate =
          INTERACTIVE * byCustomers.getLast().most().point().figure(Round::unitsPerSecond);
      Backfill backfill =
          Backfill.measure(
              platform.scores(sample).computed("Score"),
              platform.scores(sample).stream(LARGEST_BATCH),
              rate,
              length.multipliedBy(2),
              rounds);
      List<Step> byModels = new ArrayList<>();
      for (int size : models) {
        byModels.add(withModels(size, echo, redis, featureStore, sample));
      }
      return new ScalingReport(
          store.description(),
          sizes,
          new Growth("customers in the store", byCustomers),
          new Growth("models that serve", byModels),
          byBatch,
          backfill);
    }
  }

  /** What is asked, and the echo beside it. */
  private record Platform(
      Service echo, Redis redis, Service featureStore, Service scorer, Service gateway) {
    ScoreScenarios scores(List<String> customers) {
      return new ScoreScenarios(
          gateway,
          List.of(gateway.server(), featureStore.server(), scorer.server(), redis.server()),
          customers);
    }

    Scenario bare(List<String> customers) {
      return new ScoreScenarios(echo, List.of(echo.server()), customers).computed(Scenarios.ECHO);
    }
  }

  private Step step(int size, Platform platform, List<String> sample, boolean cold)
      throws Exception {
    System.out.printf("Score: %,d%n", size);
    Scenario score = platform.scores(sample).computed("Score");
    Measurement measurement = measurement(IN_FLIGHT);
    if (cold) {
      measurement.warmUp(score, warmUp);
    }
    return new Step(size, measurement.run(List.of(platform.bare(sample), score)));
  }

  private Measurement measurement(List<Integer> inFlight) {
    return new Measurement(inFlight, length, warmUp.dividedBy(6), rounds);
  }

  /** With a scorer and a gateway of their own, which end with it. */
  private Step withModels(
      int size, Service echo, Redis redis, Service featureStore, List<String> sample)
      throws Exception {
    try (var processes = new Processes(places.home())) {
      Path copies = ModelCopies.make(places.models(), processes.folder("models"), size);
      Service scorer = processes.scorer(copies);
      Service gateway = processes.gateway(featureStore, scorer);
      return step(size, new Platform(echo, redis, featureStore, scorer, gateway), sample, true);
    }
  }

  private Growth byBatch(Platform platform, List<String> sample) throws Exception {
    Scenario echo = platform.bare(sample);
    List<Scenario> batches = batch.stream().map(platform.scores(sample)::batch).toList();
    List<Scenario> all = new ArrayList<>(batches);
    all.addFirst(echo);
    List<Point> points = measurement(BATCHES_IN_FLIGHT).run(all);
    List<Step> steps = new ArrayList<>();
    for (Scenario one : batches) {
      Set<Scenario> shown = Set.of(echo, one);
      steps.add(
          new Step(
              one.size(),
              points.stream().filter(point -> shown.contains(point.scenario())).toList()));
    }
    return new Growth("customers in a call", steps);
  }
}
