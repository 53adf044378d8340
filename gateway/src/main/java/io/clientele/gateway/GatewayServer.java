package io.clientele.gateway;

import com.github.benmanes.caffeine.cache.Ticker;
import io.clientele.grpc.Channels;
import io.clientele.grpc.GrpcServer;
import io.clientele.grpc.HostPort;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.ServerProcess;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.grpc.ManagedChannel;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/**
 * A gateway that runs. It says SERVING from the moment at which it has read the models and the
 * catalog once, and until it is closed: while the feature store or the scorer is away it still has
 * answers, which say how good they are.
 */
public final class GatewayServer implements ServerProcess.Running {
  private final ManagedChannel featureStore;
  private final ManagedChannel scorer;
  private final ModelDirectory directory;
  private final ScoreCache cache;
  private final GrpcServer server;

  private GatewayServer(GatewaySettings settings, Metrics metrics, Ticker ticker, Clock clock) {
    featureStore = Channels.open(settings.featureStore());
    scorer = Channels.open(settings.scorer());
    RemoteCalls featureCalls = new RemoteCalls(featureStore, settings.dependencyTimeout());
    RemoteCalls scorerCalls = new RemoteCalls(scorer, settings.dependencyTimeout());
    directory =
        new ModelDirectory(
            new RemoteCalls(featureStore, settings.modelTimeout()),
            new RemoteCalls(scorer, settings.modelTimeout()),
            settings.modelPeriod());
    cache = new ScoreCache(settings.cacheSize(), settings.cacheRetention(), ticker);
    GatewayMetrics gatewayMetrics = new GatewayMetrics(metrics);

    // From the outside in: what a load costs, the breaker, the call.
    BreakerSettings breaker = settings.breaker();
    var featureBreaker = CircuitBreaker.of("feature-store", breaker.config(clock));
    var features =
        new Metered<>(
            new Guarded<>(new RemoteFeatures(featureCalls), featureBreaker, breaker.patience()),
            gatewayMetrics.stage("features"));
    var scorerBreaker = CircuitBreaker.of("scorer", breaker.config(clock));
    var inference =
        new Metered<>(
            new Guarded<>(new RemoteInference(scorerCalls), scorerBreaker, breaker.patience()),
            gatewayMetrics.stage("infer"));

    ScoreLoader loader = new ScoreLoader(directory, features, inference, cache, ticker);
    Coalescer<String, Loaded> interactive =
        new Coalescer<>(
            "score queue",
            gatewayMetrics.sized("interactive", loader),
            System::nanoTime,
            settings.interactive().limits(settings.dependencyTimeout()));
    Coalescer<String, Loaded> bulk =
        new Coalescer<>(
            "bulk score queue",
            gatewayMetrics.sized("bulk", loader),
            System::nanoTime,
            settings.bulk().limits(settings.dependencyTimeout()));
    gatewayMetrics.watch(
        cache,
        Map.of("interactive", interactive, "bulk", bulk),
        List.of(featureBreaker, scorerBreaker));

    Metrics.Stage cacheStage = gatewayMetrics.stage("cache");
    GatewayService service =
        new GatewayService(
            directory,
            new Scoring(cache, interactive, ticker, cacheStage),
            new Scoring(cache, bulk, ticker, cacheStage),
            gatewayMetrics,
            settings.cacheMaxAge().toNanos(),
            settings.streamWindow());
    server = GrpcServer.start("gateway", settings.server(), metrics, null, service);
    directory.start(models -> server.serving(models.hasCatalog()));
  }

  /** Starts, and is ready when the health service says so. */
  public static GatewayServer start(GatewaySettings settings, Metrics metrics) {
    return start(settings, metrics, Ticker.systemTicker(), Clock.systemUTC());
  }

  /**
   * @param ticker tells how old scores are
   * @param clock tells how long a breaker is open
   */
  static GatewayServer start(
      GatewaySettings settings, Metrics metrics, Ticker ticker, Clock clock) {
    return new GatewayServer(settings, metrics, ticker, clock);
  }

  @Override
  public HostPort address() {
    return server.address();
  }

  /** Drops what is known of a customer, so that the next answer is computed. */
  void drop(String customer) {
    cache.drop(customer);
  }

  @Override
  public void close() {
    server.close();
    directory.close();
    Channels.close(scorer);
    Channels.close(featureStore);
  }
}
