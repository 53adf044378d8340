package io.clientele.cli;

import io.clientele.featurestore.FeatureStoreCommand;
import io.clientele.gateway.GatewayCommand;
import io.clientele.grpc.Settings;
import io.clientele.scorer.ScorerCommand;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command that everything starts from. */
@Command(
    name = "clientele",
    mixinStandardHelpOptions = true,
    version = "clientele 0.1.0",
    description = "Live customer features, and segment, churn and value scores over gRPC.",
    subcommands = {
      UpCommand.class,
      IngestCommand.class,
      ScoreCommand.class,
      ForgetCommand.class,
      SnapshotCommand.class,
      ReindexCommand.class,
      SimulateCommand.class,
      RehearseCommand.class,
      FeatureStoreCommand.class,
      ScorerCommand.class,
      GatewayCommand.class
    })
public final class Clientele implements Callable<Integer> {
  public static void main(String[] args) {
    System.exit(Settings.run(new Clientele(), args));
  }

  @Override
  public Integer call() {
    new CommandLine(this).usage(System.out);
    return CommandLine.ExitCode.USAGE;
  }
}
