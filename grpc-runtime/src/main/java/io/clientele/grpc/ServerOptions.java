package io.clientele.grpc;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options that every server has. A service's own options extend this class; {@code --listen}
 * and {@code --metrics-listen} have defaults of the service's, given to the constructor.
 */
public abstract class ServerOptions {
  private static final String OFF = "off";

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Address of the gRPC port; port 0 takes a free one. Default: ${DEFAULT-VALUE}.")
  private HostPort listen;

  @Option(
      names = "--metrics-listen",
      paramLabel = "HOST:PORT|off",
      description = "Address of the HTTP port with Prometheus metrics. Default: ${DEFAULT-VALUE}.")
  private String metricsListen;

  @Option(
      names = "--max-message-bytes",
      defaultValue = "" + ServerSettings.DEFAULT_MAX_MESSAGE_BYTES,
      paramLabel = "BYTES",
      description = "Largest request taken. Default: ${DEFAULT-VALUE}.")
  private int maxMessageBytes;

  @Option(
      names = "--drain-timeout",
      defaultValue = "10s",
      paramLabel = "DURATION",
      description = "How long a stop waits for calls in flight. Default: ${DEFAULT-VALUE}.")
  private java.time.Duration drainTimeout = ServerSettings.DEFAULT_DRAIN_TIMEOUT;

  @Option(
      names = "--warm-up",
      defaultValue = "1s",
      paramLabel = "DURATION",
      description =
          "Longest that the service runs its own path before it says SERVING, so that the first"
              + " callers do not wait for a cold JVM; 0s for not at all. Default:"
              + " ${DEFAULT-VALUE}.")
  private java.time.Duration warmUp = java.time.Duration.ofSeconds(1);

  @Option(
      names = "--log-format",
      defaultValue = "text",
      paramLabel = "text|json",
      description = "How log lines look. Default: ${DEFAULT-VALUE}.")
  private Logging.Format logFormat = Logging.Format.text;

  @Option(
      names = "--log-level",
      defaultValue = "info",
      paramLabel = "error|warn|info|debug",
      description = "Least severe level that is logged. Default: ${DEFAULT-VALUE}.")
  private Logging.Level logLevel = Logging.Level.info;

  protected ServerOptions(HostPort defaultListen, HostPort defaultMetricsListen) {
    this.listen = defaultListen;
    this.metricsListen = defaultMetricsListen.toString();
  }

  /** The gRPC server's settings; what is wrong with them is added to the problems. */
  protected final ServerSettings server(SettingsProblems problems) {
    problems.require(maxMessageBytes >= 1024, "--max-message-bytes", maxMessageBytes, ">= 1024");
    problems.require(!drainTimeout.isNegative(), "--drain-timeout", drainTimeout, ">= 0s");
    problems.require(!warmUp.isNegative(), "--warm-up", warmUp, ">= 0s");
    return new ServerSettings(listen, maxMessageBytes, drainTimeout, warmUp);
  }

  /** Where the metrics are shown, or null for nowhere. */
  public final @Nullable HostPort metricsListen(SettingsProblems problems) {
    if (metricsListen.equals(OFF)) {
      return null;
    }
    try {
      return HostPort.parse(metricsListen);
    } catch (IllegalArgumentException e) {
      problems.add("--metrics-listen: " + e.getMessage());
      return null;
    }
  }

  /** Configures this process's logging. */
  public final void startLogging() {
    Logging.start(logFormat, logLevel);
  }
}
