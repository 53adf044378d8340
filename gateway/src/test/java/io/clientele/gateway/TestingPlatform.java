package io.clientele.gateway;

import io.clientele.gateway.v1.GatewayGrpc;
import io.clientele.gateway.v1.ScoreRequest;
import io.clientele.gateway.v1.Scores;
import io.clientele.grpc.Channels;
import io.clientele.grpc.GrpcServer;
import io.clientele.grpc.HostPort;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.ServerSettings;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import java.time.Duration;
import java.util.Iterator;
import java.util.function.UnaryOperator;

/** A real gateway between testing services, all on free ports of the loopback. */
final class TestingPlatform implements AutoCloseable {
  static final HostPort ANY = new HostPort("127.0.0.1", 0);

  final TestingFeatureStore store = new TestingFeatureStore();
  final TestingScorer scorer = new TestingScorer();
  final TestingTicker ticker = new TestingTicker();
  final Metrics metrics = Metrics.start(null);
  final ManagedChannel channel;
  final GatewayGrpc.GatewayBlockingStub gateway;
  private final GrpcServer storeServer;
  private final GrpcServer scorerServer;
  private final GatewayServer server;

  private TestingPlatform(UnaryOperator<GatewaySettings> change) {
    ServerSettings settings = new ServerSettings(ANY, 4 << 20, Duration.ZERO);
    storeServer = GrpcServer.start("feature-store", settings, Metrics.start(null), null, store);
    scorerServer = GrpcServer.start("scorer", settings, Metrics.start(null), null, scorer);
    GatewaySettings effective =
        change.apply(
            new GatewaySettings(
                settings,
                storeServer.address(),
                scorerServer.address(),
                // Long enough for a slow machine; tests with a dependency that hangs shorten it.
                Duration.ofSeconds(20),
                Duration.ofHours(1),
                10_000,
                Duration.ofSeconds(1),
                Duration.ofMinutes(10),
                new LaneSettings(256, 2, 10_000),
                new LaneSettings(256, 2, 100_000),
                4,
                new BreakerSettings(50, 4, 4, Duration.ofSeconds(1), 2, Duration.ZERO)));
    server = GatewayServer.start(effective, metrics, ticker, ticker.clock());
    channel = Channels.open(server.address());
    gateway = GatewayGrpc.newBlockingStub(channel);
  }

  /** With everything well, and SERVING. */
  static TestingPlatform start() {
    return start(settings -> settings);
  }

  static TestingPlatform start(UnaryOperator<GatewaySettings> change) {
    TestingPlatform platform = new TestingPlatform(change);
    platform.awaitServing();
    return platform;
  }

  /** With services in a state of the test's own making, and nothing awaited. */
  static TestingPlatform startCold(UnaryOperator<GatewaySettings> change) {
    return new TestingPlatform(change);
  }

  void awaitServing() {
    Iterator<HealthCheckResponse> states =
        HealthGrpc.newBlockingStub(channel).watch(HealthCheckRequest.getDefaultInstance());
    while (states.hasNext()) {
      if (states.next().getStatus() == HealthCheckResponse.ServingStatus.SERVING) {
        return;
      }
    }
  }

  Scores score(String customer) {
    return score(ScoreRequest.newBuilder().setCustomerId(customer));
  }

  Scores score(ScoreRequest.Builder request) {
    return gateway.score(request.build()).getScores();
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
