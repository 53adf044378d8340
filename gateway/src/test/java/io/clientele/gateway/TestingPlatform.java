package io.clientele.gateway;

import io.clientele.gateway.v1.GatewayGrpc;
import io.clientele.gateway.v1.ScoreRequest;
import io.clientele.gateway.v1.Scores;
import io.clientele.grpc.Channels;
import io.clientele.grpc.GrpcServer;
import io.clientele.grpc.HostPort;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.ServerSettings;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/** A real gateway between testing services, all on free ports of the loopback. */
final class TestingPlatform implements AutoCloseable {
  private static final HostPort ANY = new HostPort("127.0.0.1", 0);

  final TestingFeatureStore store = new TestingFeatureStore();
  final TestingScorer scorer = new TestingScorer();
  final TestingTicker ticker = new TestingTicker();
  final ManagedChannel channel;
  final GatewayGrpc.GatewayBlockingStub gateway;
  private final Metrics metrics = Metrics.start(null);
  private GrpcServer storeServer;
  private final HostPort storeAddress;
  private final GrpcServer scorerServer;
  private final GatewayServer server;

  private TestingPlatform(
      UnaryOperator<GatewaySettings> change,
      BiConsumer<TestingFeatureStore, TestingScorer> prepare) {
    prepare.accept(store, scorer);
    ServerSettings settings = new ServerSettings(ANY, 4 << 20, Duration.ZERO);
    storeServer = GrpcServer.start("feature-store", settings, Metrics.start(null), null, store);
    storeAddress = storeServer.address();
    scorerServer = GrpcServer.start("scorer", settings, Metrics.start(null), null, scorer);
    GatewaySettings defaults =
        new GatewaySettings(
            settings,
            storeServer.address(),
            scorerServer.address(),
            // Long enough for a slow machine; tests with a dependency that hangs shorten it.
            Duration.ofSeconds(20),
            // Models are read once, and then when there is a reason to.
            Duration.ofHours(1),
            Duration.ofSeconds(20),
            new CacheSettings(
                10_000,
                Duration.ofMinutes(10),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ofSeconds(20)),
            new LaneSettings(256, 2, 10_000),
            new LaneSettings(256, 2, 100_000),
            4,
            new BreakerSettings(50, 4, 4, Duration.ofSeconds(1), 2, Duration.ZERO));
    server = GatewayServer.start(change.apply(defaults), metrics, ticker, ticker.clock());
    channel = Channels.open(server.address());
    gateway = GatewayGrpc.newBlockingStub(channel);
  }

  /** With everything well, and SERVING. */
  static TestingPlatform start() {
    return start(settings -> settings);
  }

  /** With other settings, and SERVING. */
  static TestingPlatform start(UnaryOperator<GatewaySettings> change) {
    TestingPlatform platform = new TestingPlatform(change, (store, scorer) -> {});
    platform.awaitServing();
    platform.awaitFeed(true);
    return platform;
  }

  /** With services in another state from the start, and nothing awaited. */
  static TestingPlatform startCold(BiConsumer<TestingFeatureStore, TestingScorer> prepare) {
    return startCold(settings -> settings, prepare);
  }

  /** With other settings and services in another state from the start, and nothing awaited. */
  static TestingPlatform startCold(
      UnaryOperator<GatewaySettings> change,
      BiConsumer<TestingFeatureStore, TestingScorer> prepare) {
    return new TestingPlatform(change, prepare);
  }

  static GatewaySettings withTimeout(GatewaySettings settings, Duration dependencyTimeout) {
    return new GatewaySettings(
        settings.server(),
        settings.featureStore(),
        settings.scorer(),
        dependencyTimeout,
        settings.modelPeriod(),
        settings.modelTimeout(),
        settings.cache(),
        settings.interactive(),
        settings.bulk(),
        settings.streamWindow(),
        settings.breaker());
  }

  static GatewaySettings withCache(GatewaySettings settings, CacheSettings cache) {
    return new GatewaySettings(
        settings.server(),
        settings.featureStore(),
        settings.scorer(),
        settings.dependencyTimeout(),
        settings.modelPeriod(),
        settings.modelTimeout(),
        cache,
        settings.interactive(),
        settings.bulk(),
        settings.streamWindow(),
        settings.breaker());
  }

  static GatewaySettings withLanes(
      GatewaySettings settings, LaneSettings interactive, LaneSettings bulk, int streamWindow) {
    return new GatewaySettings(
        settings.server(),
        settings.featureStore(),
        settings.scorer(),
        settings.dependencyTimeout(),
        settings.modelPeriod(),
        settings.modelTimeout(),
        settings.cache(),
        interactive,
        bulk,
        streamWindow,
        settings.breaker());
  }

  static GatewaySettings withModelPeriod(GatewaySettings settings, Duration modelPeriod) {
    return new GatewaySettings(
        settings.server(),
        settings.featureStore(),
        settings.scorer(),
        settings.dependencyTimeout(),
        modelPeriod,
        settings.modelTimeout(),
        settings.cache(),
        settings.interactive(),
        settings.bulk(),
        settings.streamWindow(),
        settings.breaker());
  }

  static GatewaySettings withModelTimeout(GatewaySettings settings, Duration modelTimeout) {
    return new GatewaySettings(
        settings.server(),
        settings.featureStore(),
        settings.scorer(),
        settings.dependencyTimeout(),
        settings.modelPeriod(),
        modelTimeout,
        settings.cache(),
        settings.interactive(),
        settings.bulk(),
        settings.streamWindow(),
        settings.breaker());
  }

  static GatewaySettings withWarmUp(GatewaySettings settings, Duration warmUp) {
    return new GatewaySettings(
        new ServerSettings(ANY, 4 << 20, Duration.ZERO, warmUp),
        settings.featureStore(),
        settings.scorer(),
        settings.dependencyTimeout(),
        settings.modelPeriod(),
        settings.modelTimeout(),
        settings.cache(),
        settings.interactive(),
        settings.bulk(),
        settings.streamWindow(),
        settings.breaker());
  }

  void awaitServing() {
    try (Context.CancellableContext watching = Context.current().withCancellation()) {
      watching.run(
          () -> {
            Iterator<HealthCheckResponse> states =
                HealthGrpc.newBlockingStub(channel).watch(HealthCheckRequest.getDefaultInstance());
            while (states.next().getStatus() != ServingStatus.SERVING) {
              // Blocks until the state changes.
            }
          });
    }
  }

  boolean isServing() {
    return HealthGrpc.newBlockingStub(channel)
            .check(HealthCheckRequest.getDefaultInstance())
            .getStatus()
        == ServingStatus.SERVING;
  }

  /** Waits until this many customers of interactive calls are held. */
  void awaitCallers(int callers) {
    while (metric("clientele_gateway_callers", "interactive") < callers) {
      Thread.onSpinWait();
    }
  }

  /** Waits until this many customers of bulk calls are held. */
  void awaitBulkCallers(int callers) {
    while (metric("clientele_gateway_callers", "bulk") < callers) {
      Thread.onSpinWait();
    }
  }

  /** Waits until no customer of a bulk call is held. */
  void awaitBulkIdle() {
    while (metric("clientele_gateway_callers", "bulk") > 0) {
      Thread.onSpinWait();
    }
  }

  Scores score(String customer) {
    return score(ScoreRequest.newBuilder().setCustomerId(customer));
  }

  Scores score(ScoreRequest.Builder request) {
    return gateway.score(request.build()).getScores();
  }

  /** Frees the store's port. */
  void stopStore() {
    storeServer.close();
  }

  /** Serves on the same port again. */
  void startStore() {
    ServerSettings samePort = new ServerSettings(storeAddress, 4 << 20, Duration.ZERO);
    storeServer = GrpcServer.start("feature-store", samePort, Metrics.start(null), null, store);
  }

  /** Tells of a change, and waits until the gateway has heard of it. */
  void change(String customer, long version) {
    double before = metric("clientele_gateway_changes");
    store.tellOf(customer, version);
    while (metric("clientele_gateway_changes") == before) {
      Thread.onSpinWait();
    }
  }

  void awaitFeed(boolean live) {
    while (metric("clientele_gateway_feed_live") != (live ? 1 : 0)) {
      Thread.onSpinWait();
    }
  }

  /** Reads a counter or a gauge. */
  double metric(String name, String... labelValues) {
    for (MetricSnapshot metric : metrics.registry().scrape()) {
      if (metric.getMetadata().getName().equals(name)) {
        for (DataPointSnapshot point : metric.getDataPoints()) {
          if (List.of(labelValues)
              .equals(point.getLabels().stream().map(label -> label.getValue()).toList())) {
            return switch (point) {
              case CounterSnapshot.CounterDataPointSnapshot counter -> counter.getValue();
              case GaugeSnapshot.GaugeDataPointSnapshot gauge -> gauge.getValue();
              default -> throw new AssertionError(name + " is no counter or gauge");
            };
          }
        }
      }
    }
    throw new AssertionError("no metric " + name + " of " + List.of(labelValues));
  }

  @Override
  public void close() {
    store.reads.heal();
    scorer.infers.heal();
    Channels.close(channel);
    server.close();
    scorerServer.close();
    storeServer.close();
    metrics.close();
  }
}
