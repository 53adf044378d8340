package io.clientele.gateway;

import com.github.benmanes.caffeine.cache.Ticker;
import io.clientele.grpc.Channels;
import io.clientele.grpc.EventLoops;
import io.clientele.grpc.GrpcServer;
import io.clientele.grpc.HostPort;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.ServerProcess;
import io.clientele.grpc.ServerSettings;
import io.clientele.grpc.WarmUp;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.grpc.ManagedChannel;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A gateway that runs. It says SERVING once it has read the models and the catalog and is warm, and
 * until it is closed: while the feature store or the scorer is away it still has answers, which say
 * how good they are.
 */
public final class GatewayServer implements ServerProcess.Running {
  private final GatewaySettings settings;
  private final Ticker ticker;
  private final Clock clock;
  private final ManagedChannel featureStore;
  private final ManagedChannel scorer;
  private final ModelDirectory directory;
  private final ScoreCache cache;
  private final FeatureChanges changes;
  private final GrpcServer server;
  private final Thread warmUp =
      Thread.ofPlatform().daemon().name("gateway-warm-up").unstarted(this::warmUp);

  private GatewayServer(
      GatewaySettings settings,
      ManagedChannel featureStore,
      ManagedChannel scorer,
      Metrics metrics,
      Ticker ticker,
      Clock clock) {
    this.settings = settings;
    this.featureStore = featureStore;
    this.scorer = scorer;
    this.ticker = ticker;
    this.clock = clock;
    directory =
        new ModelDirectory(
            new RemoteCalls(featureStore, settings.modelTimeout()),
            new RemoteCalls(scorer, settings.modelTimeout()),
            settings.modelPeriod());
    cache = newCache();
    changes = new FeatureChanges(featureStore, cache, settings.cache().feedPatience());
    GatewayMetrics counts = new GatewayMetrics(metrics);
    counts.watch(changes);
    server =
        GrpcServer.start(
            "gateway",
            settings.server(),
            metrics,
            null,
            service(settings.dependencyTimeout(), false, cache, counts));
    directory.start(this::heardOf);
    changes.start();
  }

  /**
   * All that is behind the port.
   *
   * @param timeout longest that one call to the feature store or the scorer takes
   * @param everyoneKnown as {@link RemoteFeatures} has it
   */
  private GatewayService service(
      Duration timeout, boolean everyoneKnown, ScoreCache scores, GatewayMetrics metrics) {
    // From the outside in: what a load costs, the breaker, the call.
    BreakerSettings breaker = settings.breaker();
    var featureBreaker = CircuitBreaker.of("feature-store", breaker.config(clock));
    var features =
        new Metered<>(
            new Guarded<>(
                new RemoteFeatures(new RemoteCalls(featureStore, timeout), everyoneKnown),
                featureBreaker,
                breaker.patience()),
            metrics.stage("features"));
    var scorerBreaker = CircuitBreaker.of("scorer", breaker.config(clock));
    var inference =
        new Metered<>(
            new Guarded<>(
                new RemoteInference(new RemoteCalls(scorer, timeout)),
                scorerBreaker,
                breaker.patience()),
            metrics.stage("infer"));

    ScoreLoader loader = new ScoreLoader(directory, features, inference, scores, ticker);
    Coalescer<String, Loaded> interactive =
        new Coalescer<>(
            "score queue",
            metrics.sized("interactive", loader),
            EventLoops::current,
            System::nanoTime,
            metrics.stage("queue"),
            settings.interactive().limits(timeout));
    Coalescer<String, Loaded> bulk =
        new Coalescer<>(
            "bulk score queue",
            metrics.sized("bulk", loader),
            EventLoops::current,
            System::nanoTime,
            metrics.stage("bulk queue"),
            settings.bulk().limits(timeout));
    metrics.watch(
        scores,
        Map.of("interactive", interactive, "bulk", bulk),
        List.of(featureBreaker, scorerBreaker));

    return new GatewayService(
        directory,
        new Scoring(scores, interactive, timeout, ticker),
        new Scoring(scores, bulk, timeout, ticker),
        metrics,
        settings.streamWindow());
  }

  private ScoreCache newCache() {
    return new ScoreCache(settings.cache(), ticker);
  }

  /** Called after each look at the models and the catalog, one at a time. */
  private void heardOf(Models models) {
    if (models.hasCatalog() && warmUp.getState() == Thread.State.NEW) {
      warmUp.start();
    }
  }

  private void warmUp() {
    try {
      WarmUp.run("gateway", settings.server(), this::rehearsal, new WarmUpCalls());
    } finally {
      server.serving(true);
    }
  }

  /**
   * A second gateway before the same feature store and scorer. Cold calls are slow and mean nothing
   * by it, so they have all the time of the warm-up.
   */
  private ServerProcess.Running rehearsal(ServerSettings ownPort) {
    Metrics unseen = Metrics.start(null);
    return GrpcServer.start(
        "gateway warm-up",
        ownPort,
        unseen,
        null,
        service(settings.server().warmUp(), true, newCache(), new GatewayMetrics(unseen)));
  }

  /** Starts, and is ready when the health service says so. */
  public static GatewayServer start(GatewaySettings settings, Metrics metrics) {
    return start(settings, metrics, Ticker.systemTicker(), Clock.systemUTC());
  }

  /**
   * Starts before a feature store and a scorer of the same process, whatever addresses the settings
   * have.
   *
   * @param featureStore the gateway's own from now on, as is {@code scorer}
   */
  public static GatewayServer start(
      GatewaySettings settings,
      ManagedChannel featureStore,
      ManagedChannel scorer,
      Metrics metrics) {
    return new GatewayServer(
        settings, featureStore, scorer, metrics, Ticker.systemTicker(), Clock.systemUTC());
  }

  /**
   * @param ticker tells how old scores are
   * @param clock tells how long a breaker is open
   */
  static GatewayServer start(
      GatewaySettings settings, Metrics metrics, Ticker ticker, Clock clock) {
    return new GatewayServer(
        settings,
        Channels.open(settings.featureStore()),
        Channels.open(settings.scorer()),
        metrics,
        ticker,
        clock);
  }

  @Override
  public HostPort address() {
    return server.address();
  }

  @Override
  public void whenServing(Runnable action) {
    server.whenServing(action);
  }

  @Override
  public void close() {
    server.close();
    changes.close();
    directory.close();
    warmUp.interrupt();
    Channels.close(scorer);
    Channels.close(featureStore);
  }
}
