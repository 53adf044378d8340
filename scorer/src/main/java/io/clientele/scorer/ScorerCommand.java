package io.clientele.scorer;

import io.clientele.grpc.Metrics;
import io.clientele.grpc.Settings;
import io.clientele.grpc.SettingsProblems;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs a scorer as a process of its own, until it is told to stop. */
@Command(
    name = "scorer",
    mixinStandardHelpOptions = true,
    description = "Serves models over gRPC: rows of features in, rows of outputs out.")
public final class ScorerCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(ScorerCommand.class);

  @Mixin private ScorerOptions options = new ScorerOptions();

  public static void main(String[] args) {
    System.exit(Settings.run(new ScorerCommand(), args));
  }

  @Override
  public Integer call() throws InterruptedException {
    SettingsProblems problems = new SettingsProblems();
    ScorerSettings settings = options.settings(problems);
    var metricsListen = options.metricsListen(problems);
    problems.throwIfAny();
    options.startLogging();
    log.info("scorer {}", Settings.effective(options));
    Metrics metrics = Metrics.start(metricsListen);
    ScorerServer server = ScorerServer.start(settings, metrics);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.close();
                  metrics.close();
                },
                "stop"));
    log.info("scorer on {}, metrics on {}", server.address(), metrics.address());
    new CountDownLatch(1).await(); // a signal ends the process
    return 0;
  }
}
