package io.clientele.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.clientele.grpc.Settings;
import io.clientele.grpc.SettingsException;
import io.clientele.grpc.SettingsProblems;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ScorerOptionsTest {
  @TempDir private Path root;

  @Test
  void hasDefaultsForAllButTheFolder() {
    ScorerSettings settings = settings(Map.of(), "--models", root.toString());
    assertThat(settings.server().listen()).hasToString("127.0.0.1:7102");
    assertThat(settings.models()).isEqualTo(root);
    assertThat(settings.lanes()).isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(settings.queueRows()).isEqualTo(8192);
    assertThat(settings.maxBatchRows()).isEqualTo(256);
    assertThat(settings.intraOpThreads()).isEqualTo(1);
  }

  @Test
  void takesFlagsBeforeVariables() {
    ScorerSettings settings =
        settings(
            Map.of("CLIENTELE_SCORER_LANES", "3", "CLIENTELE_SCORER_MAX_BATCH", "5"),
            "--models=" + root,
            "--lanes=4");
    assertThat(settings.lanes()).isEqualTo(4);
    assertThat(settings.maxBatchRows()).isEqualTo(5);
  }

  @Test
  void listsEveryProblem() {
    SettingsException problems =
        catchThrowableOfType(
            SettingsException.class,
            () ->
                settings(
                    Map.of(),
                    "--models=" + root.resolve("none"),
                    "--lanes=0",
                    "--queue-rows=1",
                    "--max-batch=1025",
                    "--intra-op-threads=-1"));
    assertThat(problems.problems())
        .containsExactly(
            "--models: " + root.resolve("none") + " (expected: a folder)",
            "--lanes: 0 (expected: 1..256)",
            "--queue-rows: 1 (expected: 1024..16777216)",
            "--max-batch: 1025 (expected: 1..1024)",
            "--intra-op-threads: -1 (expected: 1..256)");
  }

  private static ScorerSettings settings(Map<String, String> environment, String... args) {
    SettingsProblems problems = new SettingsProblems();
    ScorerOptions options =
        Settings.parse(new ScorerOptions(), "scorer", environment, problems, args);
    ScorerSettings settings = options.settings(problems);
    problems.throwIfAny();
    return settings;
  }
}
