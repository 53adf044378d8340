package io.clientele.gateway;

import io.clientele.grpc.Metrics;
import io.clientele.grpc.Settings;
import io.clientele.grpc.SettingsProblems;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs a gateway as a process of its own, until it is told to stop. */
@Command(
    name = "gateway",
    mixinStandardHelpOptions = true,
    description = "Scores customers over gRPC: segment, churn, value.")
public final class GatewayCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(GatewayCommand.class);

  @Mixin private GatewayOptions options = new GatewayOptions();

  public static void main(String[] args) {
    System.exit(Settings.run(new GatewayCommand(), args));
  }

  @Override
  public Integer call() throws InterruptedException {
    SettingsProblems problems = new SettingsProblems();
    GatewaySettings settings = options.settings(problems);
    var metricsListen = options.metricsListen(problems);
    problems.throwIfAny();
    options.startLogging();
    log.info("gateway {}", Settings.effective(options));
    Metrics metrics = Metrics.start(metricsListen);
    GatewayServer server = GatewayServer.start(settings, metrics);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.close();
                  metrics.close();
                },
                "stop"));
    log.info("gateway on {}, metrics on {}", server.address(), metrics.address());
    new CountDownLatch(1).await(); // a signal ends the process
    return 0;
  }
}
