package io.clientele.grpc;

import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import io.prometheus.metrics.instrumentation.jvm.JvmBufferPoolMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmClassLoadingMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmCompilationMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmGarbageCollectorMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmMemoryMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmMemoryPoolAllocationMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmNativeMemoryMetrics;
import io.prometheus.metrics.instrumentation.jvm.JvmRuntimeInfoMetric;
import io.prometheus.metrics.instrumentation.jvm.JvmThreadsMetrics;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of one process, and the HTTP port that shows them in Prometheus text. Services in one
 * process share it. Thread-safe.
 */
public final class Metrics implements AutoCloseable {
  private static final double[] BUCKETS_SECONDS = {
    0.00005, 0.0001, 0.0002, 0.0003, 0.0005, 0.00075, 0.001, 0.0015, 0.002, 0.003, 0.005, 0.0075,
    0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
  };
  private static final double SECONDS_PER_NANOSECOND = 1e-9;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Histogram stages;
  private final Histogram calls;
  private final Counter refusals;
  private final @Nullable HTTPServer http;
  private final @Nullable HostPort address;

  private Metrics(@Nullable HostPort listen) throws IOException {
    stages =
        histogram("clientele_stage_seconds", "Time in one stage of a service.", "service", "stage");
    calls =
        histogram(
            "clientele_grpc_server_seconds",
            "Time from a call's arrival to its end.",
            "service",
            "method",
            "code");
    refusals =
        Counter.builder()
            .name("clientele_refusals_total")
            .help("What a dependency refused to do, by its own word for why.")
            .labelNames("dependency", "error")
            .register(registry);
    if (listen == null) {
      http = null;
      address = null;
      return;
    }
    registerJvm(registry);
    http =
        HTTPServer.builder()
            .inetAddress(InetAddress.getByName(listen.host()))
            .port(listen.port())
            .registry(registry)
            .buildAndStart();
    address = new HostPort(listen.host(), http.getPort());
  }

  /**
   * What {@code JvmMetrics} has; native memory only where the JVM is told to count it, as to ask
   * whether it does starts the flight recorder's part of the JDK.
   */
  private static void registerJvm(PrometheusRegistry registry) {
    JvmThreadsMetrics.builder().register(registry);
    JvmBufferPoolMetrics.builder().register(registry);
    JvmClassLoadingMetrics.builder().register(registry);
    JvmCompilationMetrics.builder().register(registry);
    JvmGarbageCollectorMetrics.builder().register(registry);
    JvmMemoryPoolAllocationMetrics.builder().register(registry);
    JvmMemoryMetrics.builder().register(registry);
    JvmRuntimeInfoMetric.builder().register(registry);
    ProcessMetrics.builder().register(registry);
    if (ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .anyMatch(argument -> argument.startsWith("-XX:NativeMemoryTracking="))) {
      JvmNativeMemoryMetrics.builder().register(registry);
    }
  }

  /**
   * Opens the registry and, where an address is given, its HTTP port.
   *
   * @throws UncheckedIOException if the port cannot be bound, with the address
   */
  public static Metrics start(@Nullable HostPort listen) {
    try {
      return new Metrics(listen);
    } catch (IOException e) {
      throw new UncheckedIOException("metrics on " + listen + ": " + e.getMessage(), e);
    }
  }

  /** Where services register what they count. */
  public PrometheusRegistry registry() {
    return registry;
  }

  /** The bound HTTP address, or null where there is none. */
  public @Nullable HostPort address() {
    return address;
  }

  /** The clock of one stage of a service, such as {@code gateway} and {@code features}. */
  public Stage stage(String service, String stage) {
    DistributionDataPoint point = stages.labelValues(service, stage);
    return elapsedNs -> point.observe(elapsedNs * SECONDS_PER_NANOSECOND);
  }

  /**
   * Counts what a dependency refused to do, such as {@code redis} with {@code OOM}.
   *
   * @param error one of few words
   */
  public void refused(String dependency, String error) {
    refusals.labelValues(dependency, error).inc();
  }

  DistributionDataPoint call(String service, String method, String code) {
    return calls.labelValues(service, method, code);
  }

  static double seconds(long elapsedNs) {
    return elapsedNs * SECONDS_PER_NANOSECOND;
  }

  private Histogram histogram(String name, String help, String... labels) {
    return Histogram.builder()
        .name(name)
        .help(help)
        .labelNames(labels)
        .classicOnly()
        .classicUpperBounds(BUCKETS_SECONDS)
        .register(registry);
  }

  @Override
  public void close() {
    if (http != null) {
      http.stop();
    }
  }

  /** Records how long one stage took. */
  @FunctionalInterface
  public interface Stage {
    void recordNs(long elapsedNs);
  }
}
