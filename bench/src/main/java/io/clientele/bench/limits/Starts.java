package io.clientele.bench.limits;

import io.clientele.bench.limits.Processes.Service;
import io.clientele.bench.limits.Start.C2Seconds;
import io.clientele.bench.limits.Start.FixedRate;
import io.clientele.bench.limits.Start.OneService;
import io.clientele.bench.limits.Start.StartedAs;
import io.clientele.cli.SimulatedShop;
import io.clientele.grpc.HostPort;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Starts the platform again and again on one Redis, in which customers wait for it. Each start is
 * that of new processes, and ends with them.
 */
final class Starts implements AutoCloseable {
  static final int IN_FLIGHT = 64;

  private static final int CUSTOMERS = 20_000;
  private static final int MOST_IN_FLIGHT = 4_096;
  private static final int STEADY_LOADS = 3;
  private static final Duration MEASURE = Duration.ofSeconds(3);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration REST = Duration.ofSeconds(1);

  private final Path home;
  private final Duration load;
  private final int firstCalls;
  private final Processes processes;
  private final Processes.Redis redis;
  private final List<String> customers =
      IntStream.range(0, CUSTOMERS).mapToObj(Scenarios::id).toList();

  /**
   * @param home the project's folder
   * @param load that a process is steady after; of whole seconds
   * @param firstCalls how many are measured after SERVING, and when steady
   * @throws IOException if Redis does not come up
   */
  Starts(Path home, Duration load, int firstCalls) throws IOException {
    this.home = home;
    this.load = load;
    this.firstCalls = firstCalls;
    processes = new Processes(home);
    redis = processes.redis();
  }

  /** What the launcher runs JVMs with. */
  List<String> jvmFlags() throws IOException {
    return processes.jvmFlags();
  }

  /** Runs the load against an echo, so that it is warm before it measures others. */
  void warmLoad() throws Exception {
    try (Processes own = new Processes(home);
        Call call = score(own.echo())) {
      Outcome outcome = ClosedLoop.run(call, IN_FLIGHT, load, Pace.SYSTEM);
      var _ = OpenLoop.run(call, outcome.callsPerSecond() / 4, MEASURE, IN_FLIGHT, Pace.SYSTEM);
    }
  }

  /** Fills the store with simulated customers, and returns how many events that are. */
  long fill() throws Exception {
    List<AutoCloseable> parts = new ArrayList<>();
    try {
      var shop = new SimulatedShop(SimulatedShop.Settings.cdnow(CUSTOMERS, 1, Instant.now()));
      return ShopLoad.record(
          featureStore(StartHelp.BOTH, parts).service(parts), shop, /* skipped= */ 0);
    } finally {
      close(parts);
    }
  }

  /** Calls a second that a platform answers at most, once it is steady. */
  double most(StartedAs as) throws Exception {
    List<AutoCloseable> parts = new ArrayList<>();
    try {
      Call call = score(start(StartHelp.BOTH, as, parts).getLast().service(parts));
      var _ = ClosedLoop.run(call, IN_FLIGHT, load, Pace.SYSTEM);
      return ClosedLoop.run(call, IN_FLIGHT, MEASURE, Pace.SYSTEM).callsPerSecond();
    } finally {
      close(parts);
    }
  }

  /**
   * Starts the platform, calls it at once, loads it, and calls it again.
   *
   * @param rate calls a second
   */
  Start measure(StartHelp help, StartedAs as, double rate) throws Exception {
    List<AutoCloseable> parts = new ArrayList<>();
    try {
      List<StartedService> services = start(help, as, parts);
      Call call = score(services.getLast().service(parts));
      double[] restMiB = residentMiB(services);
      double atServing = coresUsed(services).c2();
      FixedRate first = calls(services, call, rate);
      double afterFirstCalls = coresUsed(services).c2();
      List<Double> callsPerSecond = new ArrayList<>();
      for (int second = 0; second < load.toSeconds(); second++) {
        callsPerSecond.add(ClosedLoop.run(call, IN_FLIGHT, SECOND, Pace.SYSTEM).callsPerSecond());
      }
      var c2Seconds = new C2Seconds(atServing, afterFirstCalls, coresUsed(services).c2());
      List<FixedRate> steady = new ArrayList<>();
      for (int i = 0; i < STEADY_LOADS; i++) {
        steady.add(calls(services, call, rate));
      }
      TimeUnit.NANOSECONDS.sleep(REST.toNanos());
      double[] loadedMiB = residentMiB(services);
      List<OneService> results = new ArrayList<>();
      for (int i = 0; i < services.size(); i++) {
        StartedService service = services.get(i);
        results.add(new OneService(service.name(), service.seconds(), restMiB[i], loadedMiB[i]));
      }
      return new Start(help, as, results, first, callsPerSecond, c2Seconds, steady);
    } finally {
      close(parts);
    }
  }

  private FixedRate calls(List<StartedService> services, Call call, double rate)
      throws InterruptedException, IOException {
    Duration length = Duration.ofNanos((long) (firstCalls / rate * 1e9));
    CoresUsed before = coresUsed(services);
    Outcome outcome = OpenLoop.run(call, rate, length, MOST_IN_FLIGHT, Pace.SYSTEM);
    return new FixedRate(outcome, coresUsed(services).since(before));
  }

  private CoresUsed coresUsed(List<StartedService> services) throws IOException {
    return CoresUsed.of(redis.proc(), services);
  }

  private static double[] residentMiB(List<StartedService> services) throws IOException {
    double[] residentMiB = new double[services.size()];
    for (int i = 0; i < residentMiB.length; i++) {
      residentMiB[i] = services.get(i).residentMiB();
    }
    return residentMiB;
  }

  /** The services in the order in which they need each other: the last is the one to be called. */
  private List<StartedService> start(StartHelp help, StartedAs as, List<AutoCloseable> parts)
      throws IOException {
    String store = "--redis=" + redis.uri();
    String models = "--models=" + home.resolve("models");
    return switch (as) {
      case UP ->
          List.of(
              start(
                  help,
                  parts,
                  "up",
                  "--gateway-listen=",
                  store,
                  models,
                  "--feature-store-listen=127.0.0.1:0",
                  "--scorer-listen=127.0.0.1:0",
                  "--metrics-listen=127.0.0.1:0"));
      case THREE -> {
        StartedService featureStore = featureStore(help, parts);
        StartedService scorer =
            start(help, parts, "scorer", "--listen=", models, "--metrics-listen=off");
        StartedService gateway =
            start(
                help,
                parts,
                "gateway",
                "--listen=",
                "--feature-store=" + featureStore.address(),
                "--scorer=" + scorer.address(),
                "--metrics-listen=off");
        yield List.of(featureStore, scorer, gateway);
      }
    };
  }

  private StartedService featureStore(StartHelp help, List<AutoCloseable> parts)
      throws IOException {
    return start(
        help,
        parts,
        "feature-store",
        "--listen=",
        "--redis=" + redis.uri(),
        "--models=" + home.resolve("models"),
        "--metrics-listen=off");
  }

  private StartedService start(
      StartHelp help, List<AutoCloseable> parts, String name, String listen, String... options)
      throws IOException {
    HostPort address = Processes.freeAddress();
    List<String> command = new ArrayList<>();
    command.add(home.resolve("clientele").toString());
    command.add(name);
    command.add(listen + address);
    command.addAll(List.of(options));
    StartedService service =
        StartedService.start(
            name, address, command, help.environment(), processes.folder(name + ".log"));
    parts.add(service);
    return service;
  }

  private Call score(Service gateway) {
    return new ScoreScenarios(gateway, List.of(), customers)
        .computed("Score")
        .open()
        .apply(IN_FLIGHT);
  }

  /** Closes the last one first. */
  private static void close(List<AutoCloseable> parts) throws Exception {
    for (AutoCloseable part : parts.reversed()) {
      part.close();
    }
  }

  @Override
  public void close() {
    processes.close();
  }
}
