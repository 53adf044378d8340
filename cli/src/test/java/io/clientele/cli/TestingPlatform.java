package io.clientele.cli;

import io.clientele.featurestore.store.RedisProcess;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.gateway.GatewayOptions;
import io.clientele.gateway.GatewayServer;
import io.clientele.gateway.GatewaySettings;
import io.clientele.gateway.v1.GatewayGrpc;
import io.clientele.grpc.Channels;
import io.clientele.grpc.HostPort;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.Settings;
import io.clientele.grpc.SettingsProblems;
import io.clientele.scorer.v1.ScorerGrpc;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;

/** A real Redis and the three services in this JVM, on free ports, with the models that ship. */
final class TestingPlatform implements AutoCloseable {
  static final Path MODELS = Path.of("..", "models");
  static final Duration START_TIMEOUT = Duration.ofMinutes(2);
  private static final HostPort ANY_PORT = new HostPort("127.0.0.1", 0);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final RedisProcess redis;
  private final PlatformSettings.Addresses addresses;
  private final ManagedChannel featureStore;
  private final ManagedChannel scorer;
  private final ManagedChannel gateway;

  TestingPlatform(Path data, Map<String, String> environment) throws IOException {
    redis = RedisProcess.start(data, 0);
    parts.push(redis);
    SettingsProblems problems = new SettingsProblems();
    PlatformSettings settings =
        PlatformSettings.of(
            new PlatformSettings.Addresses(ANY_PORT, ANY_PORT, ANY_PORT, null),
            MODELS,
            null,
            environment,
            problems);
    problems.throwIfAny();
    LocalPlatform platform = new LocalPlatform(settings.at(redis.uri()));
    parts.push(platform);
    addresses = platform.addresses();
    featureStore = open(addresses.featureStore());
    scorer = open(addresses.scorer());
    gateway = open(addresses.gateway());
    Readiness.await("gateway", addresses.gateway(), gateway, START_TIMEOUT);
  }

  /** Where Redis listens. */
  URI redis() {
    return redis.uri();
  }

  ManagedChannel gatewayChannel() {
    return gateway;
  }

  ManagedChannel featureStoreChannel() {
    return featureStore;
  }

  FeatureStoreGrpc.FeatureStoreBlockingStub featureStore() {
    return FeatureStoreGrpc.newBlockingStub(featureStore);
  }

  ScorerGrpc.ScorerBlockingStub scorer() {
    return ScorerGrpc.newBlockingStub(scorer);
  }

  GatewayGrpc.GatewayBlockingStub gateway() {
    return GatewayGrpc.newBlockingStub(gateway);
  }

  /** A channel to a further gateway before the same services, which hears of changes. */
  ManagedChannel anotherGateway(Map<String, String> environment) {
    SettingsProblems problems = new SettingsProblems();
    GatewayOptions options =
        Settings.parse(
            new GatewayOptions(),
            "gateway",
            environment,
            problems,
            "--listen=" + ANY_PORT,
            "--feature-store=" + addresses.featureStore(),
            "--scorer=" + addresses.scorer());
    GatewaySettings settings = options.settings(problems);
    problems.throwIfAny();
    Metrics metrics = Metrics.start(null);
    parts.push(metrics);
    GatewayServer server = GatewayServer.start(settings, metrics);
    parts.push(server);
    ManagedChannel channel = open(server.address());
    Readiness.await("gateway", server.address(), channel, START_TIMEOUT);
    return channel;
  }

  private ManagedChannel open(HostPort address) {
    ManagedChannel channel = Channels.open(address);
    parts.push(() -> Channels.close(channel));
    return channel;
  }

  @Override
  public void close() {
    Closing.all(parts);
  }
}
