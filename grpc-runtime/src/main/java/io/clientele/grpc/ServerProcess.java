package io.clientele.grpc;

import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A server as a process of its own: from its options to the signal that ends it. */
public final class ServerProcess {
  private static final Logger log = LoggerFactory.getLogger(ServerProcess.class);

  private ServerProcess() {}

  /** A server that has started. */
  public interface Running extends AutoCloseable {
    /** The bound address. */
    HostPort address();

    /** Runs it when the server first says SERVING: at once where it has. */
    void whenServing(Runnable action);

    /** Stops it, gracefully. */
    @Override
    void close();
  }

  /** Starts a server whose settings are sound. */
  @FunctionalInterface
  public interface Starter {
    Running start(Metrics metrics);
  }

  /** Turns options into settings, adding what is wrong with them to the problems. */
  @FunctionalInterface
  public interface Configured {
    Starter check(SettingsProblems problems);
  }

  /** Lets calls go before the JVM's compiler once this server, the process's last one, serves. */
  public static void giveWayWhenServing(Running server) {
    server.whenServing(CompilerThreads::yieldToCalls);
  }

  /**
   * Serves until the process is told to stop, then stops gracefully. Does not return before.
   *
   * @param name the service's name, such as gateway
   * @throws SettingsException with every problem, before anything is started
   */
  public static int serve(String name, ServerOptions options, Configured configured)
      throws InterruptedException {
    SettingsProblems problems = new SettingsProblems();
    Starter starter = configured.check(problems);
    HostPort metricsListen = options.metricsListen(problems);
    problems.throwIfAny();
    options.startLogging();
    log.info("{} {}", name, Settings.effective(options));
    Metrics metrics = Metrics.start(metricsListen);
    Running server = starter.start(metrics);
    giveWayWhenServing(server);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.close();
                  metrics.close();
                },
                "stop"));
    HostPort metricsAddress = metrics.address();
    log.info(
        "{} on {}, metrics {}",
        name,
        server.address(),
        metricsAddress == null ? "off" : "on " + metricsAddress);
    new CountDownLatch(1).await(); // a signal ends the process
    return 0;
  }
}
