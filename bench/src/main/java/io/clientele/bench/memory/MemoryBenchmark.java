package io.clientele.bench.memory;

import io.clientele.grpc.Logging;
import io.clientele.grpc.Settings;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Where the measurements of what customers cost in Redis start from. */
@Command(
    name = "memory",
    mixinStandardHelpOptions = true,
    description = "What customers cost in Redis, beside one hash field a feature.",
    subcommands = {
      BytesCommand.class,
      ReadsCommand.class,
      PackingCommand.class,
      AgingCommand.class
    })
public final class MemoryBenchmark implements Callable<Integer> {
  /** Without a command, runs all. */
  public static void main(String[] args) {
    Logging.start(Logging.Format.text, Logging.Level.warn);
    System.exit(Settings.run(new MemoryBenchmark(), args));
  }

  @Override
  public Integer call() {
    return new CommandLine(new BytesCommand()).execute()
        + new CommandLine(new ReadsCommand()).execute()
        + new CommandLine(new PackingCommand()).execute()
        + new CommandLine(new AgingCommand()).execute();
  }
}
