package io.clientele.featurestore;

import io.clientele.grpc.HostPort;
import io.clientele.grpc.ServerOptions;
import io.clientele.grpc.ServerSettings;
import io.clientele.grpc.SettingsProblems;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of the feature store. */
public final class FeatureStoreOptions extends ServerOptions {
  static final int DEFAULT_PORT = 7101;
  static final int DEFAULT_METRICS_PORT = 7111;
  private static final String LOOPBACK = "127.0.0.1";
  private static final int MAX_STATISTICS_ROWS = 100_000;

  @Mixin private StoreOptions store = new StoreOptions();

  @Option(
      names = "--models",
      defaultValue = "models",
      paramLabel = "DIR",
      description =
          "The model repository, for the inputs that models name. Default: ${DEFAULT-VALUE}.")
  private Path models = Path.of("models");

  @Option(
      names = "--statistics-rows",
      defaultValue = "" + FeatureStoreSettings.DEFAULT_STATISTICS_ROWS,
      paramLabel = "N",
      description =
          "Customers' rows a second, at most, that the statistics of features count; 0 for none."
              + " Default: ${DEFAULT-VALUE}.")
  private int statisticsRows;

  public FeatureStoreOptions() {
    super(new HostPort(LOOPBACK, DEFAULT_PORT), new HostPort(LOOPBACK, DEFAULT_METRICS_PORT));
  }

  /** The settings; what is wrong with them is added to the problems. */
  public FeatureStoreSettings settings(SettingsProblems problems) {
    ServerSettings server = server(problems);
    problems.require(
        statisticsRows >= 0 && statisticsRows <= MAX_STATISTICS_ROWS,
        "--statistics-rows",
        statisticsRows,
        "0 to " + MAX_STATISTICS_ROWS);
    return new FeatureStoreSettings(
        server,
        store.redis(problems),
        store.changes(problems),
        store.catalog(problems),
        models,
        statisticsRows);
  }
}
