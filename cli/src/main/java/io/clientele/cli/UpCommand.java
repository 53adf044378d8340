package io.clientele.cli;

import io.clientele.featurestore.store.RedisSettings;
import io.clientele.grpc.Channels;
import io.clientele.grpc.HostPort;
import io.clientele.grpc.Logging;
import io.clientele.grpc.ServerProcess;
import io.clientele.grpc.SettingsProblems;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the whole platform in one process, with a Redis of its own. */
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    description =
        "Starts Redis, the feature store, the scorer and the gateway, and serves until Ctrl-C.",
    footer = {
      "",
      "Further settings of each service are taken from the environment variables that its own"
          + " --help names, such as CLIENTELE_GATEWAY_CACHE_SIZE."
    })
final class UpCommand implements Callable<Integer> {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);

  @Option(
      names = "--demo",
      description = "Replay the history of a real shop, and show a few of its customers.")
  private boolean demo;

  @Option(
      names = "--data",
      defaultValue = ".clientele",
      paramLabel = "DIR",
      description = "Where the bundled Redis keeps its data. Default: ${DEFAULT-VALUE}.")
  private Path data = Path.of(".clientele");

  @Option(
      names = "--redis",
      paramLabel = "URL",
      description =
          "A Redis that runs already, such as redis://127.0.0.1:6379. Default: start one.")
  private @Nullable URI redis;

  @Option(
      names = "--redis-port",
      defaultValue = "7179",
      paramLabel = "PORT",
      description = "Port of the Redis that is started. Default: ${DEFAULT-VALUE}.")
  private int redisPort;

  @Option(
      names = "--gateway-listen",
      defaultValue = "127.0.0.1:7100",
      paramLabel = "HOST:PORT",
      description = "Address of the gateway. Default: ${DEFAULT-VALUE}.")
  private HostPort gateway = new HostPort("127.0.0.1", 7100);

  @Option(
      names = "--feature-store-listen",
      defaultValue = "127.0.0.1:7101",
      paramLabel = "HOST:PORT",
      description = "Address of the feature store. Default: ${DEFAULT-VALUE}.")
  private HostPort featureStore = new HostPort("127.0.0.1", 7101);

  @Option(
      names = "--scorer-listen",
      defaultValue = "127.0.0.1:7102",
      paramLabel = "HOST:PORT",
      description = "Address of the scorer. Default: ${DEFAULT-VALUE}.")
  private HostPort scorer = new HostPort("127.0.0.1", 7102);

  @Option(
      names = "--metrics-listen",
      defaultValue = "127.0.0.1:7110",
      paramLabel = "HOST:PORT",
      description = "Address of the HTTP port with Prometheus metrics. Default: ${DEFAULT-VALUE}.")
  private HostPort metrics = new HostPort("127.0.0.1", 7110);

  @Option(
      names = "--models",
      paramLabel = "DIR",
      description = "The model repository. Default: the one that ships.")
  private @Nullable Path models;

  @Option(
      names = "--catalog",
      paramLabel = "FILE",
      description = "The feature catalog. Default: the one that ships.")
  private @Nullable Path catalog;

  @Option(
      names = "--log-format",
      defaultValue = "text",
      paramLabel = "text|json",
      description = "How log lines look. Default: ${DEFAULT-VALUE}.")
  private Logging.Format logFormat = Logging.Format.text;

  @Option(
      names = "--log-level",
      defaultValue = "warn",
      paramLabel = "error|warn|info|debug",
      description = "Least severe level that is logged. Default: ${DEFAULT-VALUE}.")
  private Logging.Level logLevel = Logging.Level.warn;

  @Override
  public Integer call() throws InterruptedException, IOException {
    Logging.start(logFormat, logLevel);
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    CountDownLatch stopped = new CountDownLatch(1);
    CountDownLatch stop = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  stop.countDown();
                  await(stopped, STOP_TIMEOUT);
                },
                "stop"));
    try {
      serve(parts, stop);
    } finally {
      try {
        Closing.all(parts);
      } finally {
        stopped.countDown();
      }
    }
    return 0;
  }

  private void serve(Deque<AutoCloseable> parts, CountDownLatch stop)
      throws InterruptedException, IOException {
    long startNs = System.nanoTime();
    SettingsProblems problems = new SettingsProblems();
    problems.require(
        redis == null || RedisSettings.isRedis(redis),
        "--redis",
        redis,
        RedisSettings.EXPECTED_URI);
    problems.require(redisPort >= 0 && redisPort <= 65_535, "--redis-port", redisPort, "0..65535");
    PlatformSettings settings =
        PlatformSettings.of(
            new PlatformSettings.Addresses(gateway, featureStore, scorer, metrics),
            models == null ? Home.models() : models,
            catalog,
            System.getenv(),
            problems);
    problems.throwIfAny();
    URI redisUri = redis == null ? startRedis(parts) : redis;
    LocalPlatform platform = new LocalPlatform(settings.at(redisUri));
    parts.push(platform);
    ServerProcess.giveWayWhenServing(platform.gateway());
    PlatformSettings.Addresses addresses = platform.addresses();
    ManagedChannel gatewayChannel = Channels.open(addresses.gateway());
    parts.push(() -> Channels.close(gatewayChannel));
    Readiness.await("gateway", addresses.gateway(), gatewayChannel, START_TIMEOUT);
    System.out.printf("Clientele is up after %.1f s.%n%n", (System.nanoTime() - startNs) / 1e9);
    System.out.printf("  gateway        %s%n", addresses.gateway());
    System.out.printf("  feature store  %s%n", addresses.featureStore());
    System.out.printf("  scorer         %s%n", addresses.scorer());
    System.out.printf("  metrics        http://%s/metrics%n", addresses.metrics());
    System.out.printf("  redis          %s%n%n", RedisSettings.addresses(redisUri));
    if (demo) {
      ManagedChannel storeChannel = Channels.open(addresses.featureStore());
      parts.push(() -> Channels.close(storeChannel));
      new Demo(storeChannel, gatewayChannel, addresses.gateway()).run();
    }
    System.out.println("Ctrl-C stops it.");
    stop.await();
    System.out.println("Stopping.");
  }

  private URI startRedis(Deque<AutoCloseable> parts) throws IOException {
    SupervisedRedis started = new SupervisedRedis(data.resolve("redis"), redisPort);
    parts.push(started);
    return started.uri();
  }

  private static void await(CountDownLatch latch, Duration timeout) {
    try {
      if (!latch.await(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        System.err.println("Not stopped after " + timeout + "; ended as it is.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
