package io.clientele.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clientele.grpc.HostPort;
import io.clientele.grpc.Settings;
import io.clientele.grpc.SettingsException;
import io.clientele.grpc.SettingsProblems;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GatewayOptionsTest {
  private static GatewaySettings settings(Map<String, String> environment, String... args) {
    SettingsProblems problems = new SettingsProblems();
    GatewayOptions options =
        Settings.parse(new GatewayOptions(), "gateway", environment, problems, args);
    GatewaySettings settings = options.settings(problems);
    problems.throwIfAny();
    return settings;
  }

  @Test
  void hasDefaults() {
    GatewaySettings settings = settings(Map.of());

    assertThat(settings.server().listen()).isEqualTo(new HostPort("127.0.0.1", 7100));
    assertThat(settings.featureStore()).isEqualTo(new HostPort("127.0.0.1", 7101));
    assertThat(settings.scorer()).isEqualTo(new HostPort("127.0.0.1", 7102));
    assertThat(settings.cache())
        .isEqualTo(
            new CacheSettings(
                100_000,
                Duration.ofMinutes(10),
                Duration.ofMinutes(1),
                Duration.ofSeconds(1),
                Duration.ofSeconds(3)));
    assertThat(settings.interactive()).isEqualTo(new LaneSettings(256, 2, 10_000));
  }

  @Test
  void takesFlagsAndVariables() {
    GatewaySettings settings =
        settings(
            Map.of("CLIENTELE_GATEWAY_SCORER", "scorer:9002"),
            "--cache-size=5",
            "--dependency-timeout=75ms");

    assertThat(settings.scorer()).isEqualTo(new HostPort("scorer", 9002));
    assertThat(settings.cache().size()).isEqualTo(5);
    assertThat(settings.dependencyTimeout()).isEqualTo(Duration.ofMillis(75));
  }

  @Test
  void listsEveryProblem() {
    assertThatThrownBy(
            () ->
                settings(
                    Map.of(),
                    "--max-batch=1001",
                    "--max-bulk-flights=0",
                    "--cache-max-age=1h",
                    "--cache-max-age-without-feed=2h",
                    "--feed-patience=0s",
                    "--dependency-timeout=0ms",
                    "--breaker-minimum-calls=51",
                    "--stream-window=0"))
        .isInstanceOfSatisfying(
            SettingsException.class,
            e ->
                assertThat(e.problems())
                    .containsExactlyInAnyOrder(
                        "--max-batch: 1001 (expected: 1..1000)",
                        "--max-bulk-flights: 0 (expected: >= 1)",
                        "--cache-max-age: PT1H (expected: 0s..--cache-retention)",
                        "--cache-max-age-without-feed: PT2H (expected: 0s..--cache-max-age)",
                        "--feed-patience: PT0S (expected: > 0s)",
                        "--dependency-timeout: PT0S (expected: > 0s)",
                        "--breaker-minimum-calls: 51 (expected: 1..--breaker-window)",
                        "--stream-window: 0 (expected: >= 1)"));
  }
}
