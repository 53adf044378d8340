package io.clientele.cli;

import io.clientele.featurestore.FeatureStoreOptions;
import io.clientele.featurestore.FeatureStoreSettings;
import io.clientele.gateway.GatewayOptions;
import io.clientele.gateway.GatewaySettings;
import io.clientele.grpc.HostPort;
import io.clientele.grpc.Settings;
import io.clientele.grpc.SettingsProblems;
import io.clientele.scorer.ScorerOptions;
import io.clientele.scorer.ScorerSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The settings of three services in one process: what the process says, over each one's variables.
 */
final class PlatformSettings {
  /**
   * The gateway's warm-up runs through the other two, and the code is one JVM's; but for what a
   * feature store does with a customer's events, as the gateway asks for customers who have none.
   */
  private static final Map<String, String> WARM_UPS =
      Map.of(
          "CLIENTELE_FEATURE_STORE_WARM_UP", "300ms",
          "CLIENTELE_SCORER_WARM_UP", "0s",
          "CLIENTELE_GATEWAY_WARM_UP", "1500ms");

  private final Addresses addresses;
  private final FeatureStoreSettings featureStore;
  private final ScorerSettings scorer;
  private final Map<String, String> environment;

  private PlatformSettings(
      Addresses addresses,
      FeatureStoreSettings featureStore,
      ScorerSettings scorer,
      Map<String, String> environment) {
    this.addresses = addresses;
    this.featureStore = featureStore;
    this.scorer = scorer;
    this.environment = environment;
  }

  /**
   * Where the services listen; port 0 takes a free one.
   *
   * @param metrics HTTP port of the metrics of all three; null for none
   */
  record Addresses(
      HostPort gateway, HostPort featureStore, HostPort scorer, @Nullable HostPort metrics) {}

  /**
   * Reads and checks the settings of all three.
   *
   * @param models the model repository
   * @param catalog the catalog's file; null for the one that ships
   * @param given variables of each service, such as CLIENTELE_GATEWAY_CACHE_SIZE
   * @param problems takes what is wrong with any of the three
   */
  static PlatformSettings of(
      Addresses addresses,
      Path models,
      @Nullable Path catalog,
      Map<String, String> given,
      SettingsProblems problems) {
    Map<String, String> environment = new HashMap<>(WARM_UPS);
    environment.putAll(given);
    String listen = "--listen=" + addresses.featureStore();
    String repository = "--models=" + models;
    FeatureStoreSettings featureStore =
        Settings.parse(
                new FeatureStoreOptions(),
                "feature-store",
                environment,
                problems,
                catalog == null
                    ? new String[] {listen, repository}
                    : new String[] {listen, repository, "--catalog=" + catalog})
            .settings(problems);
    ScorerSettings scorer =
        Settings.parse(
                new ScorerOptions(),
                "scorer",
                environment,
                problems,
                "--listen=" + addresses.scorer(),
                repository)
            .settings(problems);
    gateway(addresses, environment, problems);
    return new PlatformSettings(addresses, featureStore, scorer, environment);
  }

  /** The same settings for another Redis. */
  PlatformSettings at(URI redis) {
    return new PlatformSettings(addresses, featureStore.at(redis), scorer, environment);
  }

  @Nullable HostPort metrics() {
    return addresses.metrics();
  }

  FeatureStoreSettings featureStore() {
    return featureStore;
  }

  ScorerSettings scorer() {
    return scorer;
  }

  /** The gateway's settings, once it is known where the other two listen. */
  GatewaySettings gateway(HostPort featureStoreAddress, HostPort scorerAddress) {
    Addresses bound =
        new Addresses(addresses.gateway(), featureStoreAddress, scorerAddress, addresses.metrics());
    return gateway(bound, environment, new SettingsProblems());
  }

  private static GatewaySettings gateway(
      Addresses addresses, Map<String, String> environment, SettingsProblems problems) {
    return Settings.parse(
            new GatewayOptions(),
            "gateway",
            environment,
            problems,
            "--listen=" + addresses.gateway(),
            "--feature-store=" + addresses.featureStore(),
            "--scorer=" + addresses.scorer())
        .settings(problems);
  }
}
