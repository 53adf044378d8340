package io.clientele.featurestore;

import io.clientele.grpc.ServerProcess;
import io.clientele.grpc.Settings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs a feature store as a process of its own, until it is told to stop. */
@Command(
    name = "feature-store",
    mixinStandardHelpOptions = true,
    description = "Keeps customers' features in Redis and serves them over gRPC.")
public final class FeatureStoreCommand implements Callable<Integer> {
  @Mixin private FeatureStoreOptions options = new FeatureStoreOptions();

  @Override
  public Integer call() throws InterruptedException {
    return ServerProcess.serve(
        "feature-store",
        options,
        problems -> {
          FeatureStoreSettings settings = options.settings(problems);
          return metrics -> FeatureStoreServer.start(settings, metrics);
        });
  }

  public static void main(String[] args) {
    System.exit(Settings.run(new FeatureStoreCommand(), args));
  }
}
