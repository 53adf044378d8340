package io.clientele.scorer;

import io.clientele.grpc.ServerProcess;
import io.clientele.grpc.Settings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs a scorer as a process of its own, until it is told to stop. */
@Command(
    name = "scorer",
    mixinStandardHelpOptions = true,
    description = "Serves models over gRPC: rows of features in, rows of outputs out.")
public final class ScorerCommand implements Callable<Integer> {
  @Mixin private ScorerOptions options = new ScorerOptions();

  @Override
  public Integer call() throws InterruptedException {
    return ServerProcess.serve(
        "scorer",
        options,
        problems -> {
          ScorerSettings settings = options.settings(problems);
          return metrics -> ScorerServer.start(settings, metrics);
        });
  }

  public static void main(String[] args) {
    System.exit(Settings.run(new ScorerCommand(), args));
  }
}
