package io.clientele.gateway;

import io.clientele.grpc.ServerProcess;
import io.clientele.grpc.Settings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs a gateway as a process of its own, until it is told to stop. */
@Command(
    name = "gateway",
    mixinStandardHelpOptions = true,
    description = "Scores customers over gRPC: segment, churn, value.")
public final class GatewayCommand implements Callable<Integer> {
  @Mixin private GatewayOptions options = new GatewayOptions();

  @Override
  public Integer call() throws InterruptedException {
    return ServerProcess.serve(
        "gateway",
        options,
        problems -> {
          GatewaySettings settings = options.settings(problems);
          return metrics -> GatewayServer.start(settings, metrics);
        });
  }

  public static void main(String[] args) {
    System.exit(Settings.run(new GatewayCommand(), args));
  }
}
