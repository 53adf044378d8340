package io.clientele.featurestore;

import io.clientele.grpc.Metrics;
import io.clientele.grpc.Settings;
import io.clientele.grpc.SettingsProblems;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs a feature store as a process of its own, until it is told to stop. */
@Command(
    name = "feature-store",
    mixinStandardHelpOptions = true,
    description = "Keeps customers' features in Redis and serves them over gRPC.")
public final class FeatureStoreCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(FeatureStoreCommand.class);

  @Mixin private FeatureStoreOptions options = new FeatureStoreOptions();

  @Override
  public Integer call() throws InterruptedException {
    var problems = new SettingsProblems();
    FeatureStoreSettings settings = options.settings(problems);
    var metricsListen = options.metricsListen(problems);
    problems.throwIfAny();
    options.startLogging();
    log.info("feature-store {}", Settings.effective(options));
    Metrics metrics = Metrics.start(metricsListen);
    FeatureStoreServer server = FeatureStoreServer.start(settings, metrics);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.close();
                  metrics.close();
                },
                "stop"));
    log.info("feature-store on {}, metrics on {}", server.address(), metrics.address());
    new CountDownLatch(1).await(); // a signal ends the process
    return 0;
  }

  public static void main(String[] args) {
    System.exit(Settings.run(new FeatureStoreCommand(), args));
  }
}
