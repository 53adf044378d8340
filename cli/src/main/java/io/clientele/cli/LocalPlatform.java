package io.clientele.cli;

import io.clientele.featurestore.FeatureStoreOptions;
import io.clientele.featurestore.FeatureStoreServer;
import io.clientele.featurestore.FeatureStoreSettings;
import io.clientele.gateway.GatewayOptions;
import io.clientele.gateway.GatewayServer;
import io.clientele.gateway.GatewaySettings;
import io.clientele.grpc.HostPort;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.Settings;
import io.clientele.grpc.SettingsProblems;
import io.clientele.scorer.ScorerOptions;
import io.clientele.scorer.ScorerServer;
import io.clientele.scorer.ScorerSettings;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The three services in one JVM, wired as they are in three. Starts them in the order in which they
 * need each other, and stops them in reverse.
 */
final class LocalPlatform implements AutoCloseable {
  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private final Metrics metrics;
  private final FeatureStoreServer featureStore;
  private final ScorerServer scorer;
  private final GatewayServer gateway;

  /**
   * Starts.
   *
   * @param featureStoreFlags flags of the feature store, such as --redis=redis://127.0.0.1:6379
   * @param scorerFlags flags of the scorer, such as --models=models
   * @param environment variables with the settings of each service, such as
   *     CLIENTELE_GATEWAY_CACHE_SIZE
   * @throws io.clientele.grpc.SettingsException with every problem, before anything is started
   */
  LocalPlatform(
      Addresses addresses,
      List<String> featureStoreFlags,
      List<String> scorerFlags,
      Map<String, String> environment) {
    SettingsProblems problems = new SettingsProblems();
    FeatureStoreSettings featureStoreSettings =
        Settings.parse(
                new FeatureStoreOptions(),
                "feature-store",
                environment,
                flags(featureStoreFlags, "--listen=" + addresses.featureStore()))
            .settings(problems);
    ScorerSettings scorerSettings =
        Settings.parse(
                new ScorerOptions(),
                "scorer",
                environment,
                flags(scorerFlags, "--listen=" + addresses.scorer()))
            .settings(problems);
    gateway(addresses, environment, problems);
    problems.throwIfAny();
    try {
      metrics = start(Metrics.start(addresses.metrics()));
      featureStore = start(FeatureStoreServer.start(featureStoreSettings, metrics));
      scorer = start(ScorerServer.start(scorerSettings, metrics));
      Addresses bound =
          new Addresses(
              addresses.gateway(), featureStore.address(), scorer.address(), addresses.metrics());
      GatewaySettings gatewaySettings = gateway(bound, environment, problems);
      gateway = start(GatewayServer.start(gatewaySettings, metrics));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Where the services listen; port 0 takes a free one.
   *
   * @param metrics HTTP port of the metrics of all three; null for none
   */
  record Addresses(
      HostPort gateway, HostPort featureStore, HostPort scorer, @Nullable HostPort metrics) {}

  /** The bound addresses. */
  Addresses addresses() {
    return new Addresses(
        gateway.address(), featureStore.address(), scorer.address(), metrics.address());
  }

  private static GatewaySettings gateway(
      Addresses addresses, Map<String, String> environment, SettingsProblems problems) {
    return Settings.parse(
            new GatewayOptions(),
            "gateway",
            environment,
            "--listen=" + addresses.gateway(),
            "--feature-store=" + addresses.featureStore(),
            "--scorer=" + addresses.scorer())
        .settings(problems);
  }

  private <T extends AutoCloseable> T start(T part) {
    started.push(part);
    return part;
  }

  private static String[] flags(List<String> flags, String more) {
    String[] all = flags.toArray(new String[flags.size() + 1]);
    all[flags.size()] = more;
    return all;
  }

  @Override
  public void close() {
    Closing.all(started);
  }
}
