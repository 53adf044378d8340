package io.clientele.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class SettingsTest {

  static final class TestingOptions extends ServerOptions {
    @Option(names = "--cache-size", defaultValue = "10", description = "Entries.")
    int cacheSize;

    @Option(names = "--max-age", defaultValue = "1s", description = "Age.")
    Duration maxAge = Duration.ZERO;

    @Option(names = "--redis", description = "Where Redis is.")
    String redis = "";

    @Option(names = "--password", description = "What it asks for.")
    String password = "";

    TestingOptions() {
      super(new HostPort("127.0.0.1", 7000), new HostPort("127.0.0.1", 7010));
    }
  }

  @Test
  void takesDefaultsWhereNothingIsSaid() {
    TestingOptions options = parse(Map.of());

    assertThat(options.cacheSize).isEqualTo(10);
    assertThat(options.maxAge).isEqualTo(Duration.ofSeconds(1));
    assertThat(options.server(new SettingsProblems()).listen())
        .isEqualTo(new HostPort("127.0.0.1", 7000));
  }

  @Test
  void takesVariablesOverDefaultsAndFlagsOverVariables() {
    Map<String, String> environment =
        Map.of("CLIENTELE_GATEWAY_CACHE_SIZE", "20", "CLIENTELE_GATEWAY_MAX_AGE", "250ms");

    TestingOptions options = parse(environment, "--cache-size", "30");

    assertThat(options.cacheSize).isEqualTo(30);
    assertThat(options.maxAge).isEqualTo(Duration.ofMillis(250));
  }

  @Test
  void listsEveryProblemAtOnce() {
    Map<String, String> environment =
        Map.of("CLIENTELE_GATEWAY_MAX_AGE", "soon", "CLIENTELE_GATEWAY_CASH_SIZE", "1");

    assertThatThrownBy(() -> parse(environment, "--cache-size=many", "--colour"))
        .isInstanceOfSatisfying(
            SettingsException.class,
            e ->
                assertThat(e.problems())
                    .anyMatch(problem -> problem.contains("'many'"))
                    .anyMatch(
                        problem ->
                            problem.contains("soon (expected: a whole number")
                                && !problem.contains("Exception"))
                    .anyMatch(problem -> problem.contains("--colour"))
                    .anyMatch(problem -> problem.contains("CLIENTELE_GATEWAY_CASH_SIZE"))
                    .hasSize(4));
  }

  @Test
  void leavesVariablesOfOtherServicesAlone() {
    Map<String, String> environment = Map.of("CLIENTELE_SCORER_ANYTHING", "1");

    assertThat(parse(environment).cacheSize).isEqualTo(10);
  }

  @Test
  void masksSecretsInTheEffectiveSettings() {
    TestingOptions options =
        parse(
            Map.of("CLIENTELE_GATEWAY_PASSWORD", "secret too"),
            "--redis=redis://ann:secret@localhost:6379");

    assertThat(Settings.effective(options))
        .contains("--password=****")
        .contains("--redis=redis://ann:****@localhost:6379")
        .contains("--cache-size=10")
        .doesNotContain("secret");
  }

  @Command(name = "shop", mixinStandardHelpOptions = true, subcommands = TestingSubcommand.class)
  static final class TestingCommand implements Callable<Integer> {
    @Override
    public Integer call() {
      return 0;
    }
  }

  @Command(name = "count", mixinStandardHelpOptions = true)
  static final class TestingSubcommand implements Callable<Integer> {
    @Option(names = "--to", required = true, description = "How far.")
    int to;

    @Override
    public Integer call() {
      if (to > 100) {
        throw new SettingsException(List.of("--to: " + to + " (expected: <= 100)"));
      }
      return to == 42 ? 0 : 1;
    }
  }

  @Test
  void runsTheSubcommandAndReturnsItsExitCode() {
    assertThat(Settings.run(new TestingCommand(), "count", "--to=42")).isZero();
    assertThat(Settings.run(new TestingCommand(), "count", "--to=7")).isEqualTo(1);
    assertThat(Settings.run(new TestingCommand(), "count", "--help")).isZero();
    assertThat(Settings.run(new TestingCommand(), "count")).isEqualTo(2);
    assertThat(Settings.run(new TestingCommand(), "count", "--to=many", "--up")).isEqualTo(2);
    assertThat(Settings.run(new TestingCommand(), "count", "--to=101")).isEqualTo(2);
  }

  @Test
  void readsDurationsAsPeopleWriteThem() {
    assertThat(Durations.parse("90d")).isEqualTo(Duration.ofDays(90));
    assertThat(Durations.parse("150us")).isEqualTo(Duration.ofNanos(150_000));
    assertThatThrownBy(() -> Durations.parse("-1s")).hasMessageContaining("-1s");
  }

  private static TestingOptions parse(Map<String, String> environment, String... args) {
    SettingsProblems problems = new SettingsProblems();
    TestingOptions options =
        Settings.parse(new TestingOptions(), "gateway", environment, problems, args);
    problems.throwIfAny();
    return options;
  }
}
