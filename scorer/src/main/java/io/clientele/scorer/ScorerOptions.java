package io.clientele.scorer;

import io.clientele.grpc.HostPort;
import io.clientele.grpc.ServerOptions;
import io.clientele.grpc.SettingsProblems;
import io.clientele.scorer.inference.FeatureMatrix;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of a scorer. */
public final class ScorerOptions extends ServerOptions {
  private static final int MAX_LANES = 256;
  private static final int MAX_QUEUE_ROWS = 1 << 24;

  @Option(
      names = "--models",
      defaultValue = "models",
      paramLabel = "DIR",
      description = "Folder of models, <name>/<version>/. Default: ${DEFAULT-VALUE}.")
  private Path models = Path.of("models");

  @Option(
      names = "--lanes",
      paramLabel = "N",
      description = "Threads that run models. Default: one a core.")
  private @Nullable Integer lanes;

  @Option(
      names = "--queue-rows",
      defaultValue = "8192",
      paramLabel = "ROWS",
      description =
          "Most rows that wait for a lane; beyond them RESOURCE_EXHAUSTED. Default:"
              + " ${DEFAULT-VALUE}.")
  private int queueRows;

  @Option(
      names = "--max-batch",
      defaultValue = "256",
      paramLabel = "ROWS",
      description =
          "Most rows that waiting requests are merged to; a larger request runs alone. Default:"
              + " ${DEFAULT-VALUE}.")
  private int maxBatchRows;

  @Option(
      names = "--intra-op-threads",
      defaultValue = "1",
      paramLabel = "N",
      description = "Threads within one run of one model. Default: ${DEFAULT-VALUE}.")
  private int intraOpThreads;

  public ScorerOptions() {
    super(new HostPort("127.0.0.1", 7102), new HostPort("127.0.0.1", 7112));
  }

  /** The settings; what is wrong with them is added to the problems. */
  public ScorerSettings settings(SettingsProblems problems) {
    int effectiveLanes = lanes == null ? Runtime.getRuntime().availableProcessors() : lanes;
    problems.require(Files.isDirectory(models), "--models", models, "a folder");
    problems.require(
        effectiveLanes >= 1 && effectiveLanes <= MAX_LANES,
        "--lanes",
        effectiveLanes,
        "1.." + MAX_LANES);
    problems.require(
        queueRows >= FeatureMatrix.MAX_ROWS && queueRows <= MAX_QUEUE_ROWS,
        "--queue-rows",
        queueRows,
        FeatureMatrix.MAX_ROWS + ".." + MAX_QUEUE_ROWS);
    problems.require(
        maxBatchRows >= 1 && maxBatchRows <= FeatureMatrix.MAX_ROWS,
        "--max-batch",
        maxBatchRows,
        "1.." + FeatureMatrix.MAX_ROWS);
    problems.require(
        intraOpThreads >= 1 && intraOpThreads <= MAX_LANES,
        "--intra-op-threads",
        intraOpThreads,
        "1.." + MAX_LANES);
    return new ScorerSettings(
        server(problems), models, effectiveLanes, queueRows, maxBatchRows, intraOpThreads);
  }
}
