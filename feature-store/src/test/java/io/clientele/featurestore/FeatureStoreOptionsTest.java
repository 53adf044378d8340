package io.clientele.featurestore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.grpc.Settings;
import io.clientele.grpc.SettingsException;
import io.clientele.grpc.SettingsProblems;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FeatureStoreOptionsTest {
  @TempDir private Path directory;

  @Test
  void hasDefaultsThatWork() {
    FeatureStoreSettings settings = parse(Map.of());

    assertThat(settings.server().listen()).hasToString("127.0.0.1:7101");
    assertThat(settings.redis().uri()).isEqualTo(URI.create("redis://127.0.0.1:6379"));
    assertThat(settings.catalog().hash()).isEqualTo(Catalog.retail().hash());
    assertThat(settings.models()).isEqualTo(Path.of("models"));
    assertThat(settings.statisticsRows()).isEqualTo(500);
  }

  @Test
  void takesFlagsBeforeVariables() {
    FeatureStoreSettings settings =
        parse(
            Map.of(
                "CLIENTELE_FEATURE_STORE_REDIS", "rediss://user:secret@redis:6380/2",
                "CLIENTELE_FEATURE_STORE_READ_LANES", "3"),
            "--read-lanes=5",
            "--redis-timeout=250ms");

    assertThat(settings.redis().uri()).hasScheme("rediss").hasHost("redis").hasPort(6380);
    assertThat(settings.redis().readLanes()).isEqualTo(5);
    assertThat(settings.redis().timeout()).isEqualTo(Duration.ofMillis(250));
  }

  @Test
  void listsEveryProblem() throws IOException {
    Path catalog = Files.writeString(directory.resolve("catalog.yaml"), "entity: customer\n");

    assertThatThrownBy(
            () ->
                parse(
                    Map.of(),
                    "--redis=http://localhost",
                    "--redis-timeout=0s",
                    "--redis-min-replicas=17",
                    "--redis-ca=" + directory + "/none.pem",
                    "--redis-key=" + directory + "/none.pem",
                    "--buckets=0",
                    "--read-lanes=65",
                    "--write-lanes=0",
                    "--max-waiting-reads=999",
                    "--max-waiting-events=999",
                    "--write-cache-mib=-1",
                    "--statistics-rows=-1",
                    "--catalog=" + catalog))
        .isInstanceOfSatisfying(
            SettingsException.class,
            e ->
                assertThat(e.problems())
                    .anyMatch(problem -> problem.startsWith("--redis: http://localhost (expected"))
                    .anyMatch(problem -> problem.startsWith("--redis-timeout: "))
                    .contains("--redis-min-replicas: 17 (expected: 0 to 16)")
                    .contains("--redis-cert: missing (expected: both or neither)")
                    .anyMatch(problem -> problem.contains("only with TLS"))
                    .anyMatch(problem -> problem.endsWith("none.pem: no such file"))
                    .contains("--buckets: 0 (expected: 1 to 16384)")
                    .contains("--read-lanes: 65 (expected: 1 to 64)")
                    .contains("--write-lanes: 0 (expected: 1 to 64)")
                    .contains("--max-waiting-reads: 999 (expected: >= 1000)")
                    .contains("--max-waiting-events: 999 (expected: >= 1000)")
                    .contains("--write-cache-mib: -1 (expected: 0 to 8192)")
                    .contains("--statistics-rows: -1 (expected: 0 to 100000)")
                    .anyMatch(problem -> problem.startsWith("--catalog: " + catalog + ":")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"redis://127.0.0.1/first", "redis://127.0.0.1:65536", "redis:///", "127.0.0.1"})
  void refusesWhatNamesNoRedis(String uri) {
    assertThatThrownBy(() -> parse(Map.of(), "--redis=" + uri))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("--redis: " + uri + " (expected: redis://");
  }

  @Test
  void saysWhichCatalogIsMissing() {
    assertThatThrownBy(() -> parse(Map.of(), "--catalog=" + directory + "/none.yaml"))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("none.yaml: no such file");
  }

  private static FeatureStoreSettings parse(Map<String, String> environment, String... arguments) {
    var problems = new SettingsProblems();
    FeatureStoreSettings settings =
        Settings.parse(new FeatureStoreOptions(), "feature-store", environment, problems, arguments)
            .settings(problems);
    problems.throwIfAny();
    return settings;
  }
}
