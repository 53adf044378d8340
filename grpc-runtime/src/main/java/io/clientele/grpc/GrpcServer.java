package io.clientele.grpc;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ChannelzService;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A gRPC server with what every service has: health (overall and a service), reflection, channelz,
 * call metrics. It says NOT_SERVING until {@link #serving serving(true)}. Thread-safe.
 */
public final class GrpcServer implements ServerProcess.Running {
  private static final Logger log = LoggerFactory.getLogger(GrpcServer.class);
  private static final int CHANNELZ_PAGE = 100;
  private static final int SHORTEST_KEEP_ALIVE_SECONDS = 10; // well below what Channels asks for

  static {
    EventLoops.size();
  }

  private final String name;
  private final ServerSettings settings;
  private final Server server;
  private final HealthStatusManager health = new HealthStatusManager();
  private final List<String> serviceNames = new ArrayList<>();
  private final CallMetrics metrics;
  private final @Nullable Executor executor;
  private final CompletableFuture<Void> served = new CompletableFuture<>();
  private @Nullable Server inProcess;

  private GrpcServer(
      String name,
      ServerSettings settings,
      Metrics metrics,
      @Nullable Executor executor,
      BindableService... services)
      throws IOException {
    this.name = name;
    this.settings = settings;
    this.metrics = new CallMetrics(metrics);
    this.executor = executor;
    HostPort listen = settings.listen();
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(listen.host(), listen.port()))
            .maxInboundMessageSize(settings.maxMessageBytes())
            .permitKeepAliveTime(SHORTEST_KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
            .intercept(this.metrics)
            .addService(health.getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance())
            .addService(reflectionOfOldTools())
            .addService(ChannelzService.newInstance(CHANNELZ_PAGE));
    for (BindableService service : services) {
      ServerServiceDefinition definition = service.bindService();
      serviceNames.add(definition.getServiceDescriptor().getName());
      builder.addService(definition);
    }
    server = runningCalls(builder).build();
    serving(false);
    server.start();
  }

  /**
   * Binds and starts.
   *
   * @param executor runs the calls; null runs them on the event loop, for services that never block
   * @throws UncheckedIOException if the address cannot be bound, with the address
   */
  public static GrpcServer start(
      String name,
      ServerSettings settings,
      Metrics metrics,
      @Nullable Executor executor,
      BindableService... services) {
    try {
      return new GrpcServer(name, settings, metrics, executor, services);
    } catch (IOException e) {
      Throwable reason = e.getCause() == null ? e : e.getCause();
      throw new UncheckedIOException(
          name + " on " + settings.listen() + ": " + reason.getMessage(), e);
    }
  }

  /** Reflection by its older name, v1alpha: ghz knows no other. */
  @SuppressWarnings("deprecation")
  private static BindableService reflectionOfOldTools() {
    return io.grpc.protobuf.services.ProtoReflectionService.newInstance();
  }

  private <B extends ServerBuilder<B>> B runningCalls(B builder) {
    return executor == null ? builder.directExecutor() : builder.executor(executor);
  }

  /**
   * A channel for callers in the same process: no socket lies between, and messages are handed over
   * as they are, without being written and read. Calls are begun and answered on the thread that
   * does so on the other side. It works until either side is closed.
   */
  public synchronized ManagedChannel openInProcess() {
    Server twin = inProcess;
    if (twin == null) {
      var builder =
          runningCalls(InProcessServerBuilder.forName(InProcessServerBuilder.generateName()));
      server.getServices().forEach(builder::addService);
      twin = builder.intercept(metrics).build();
      try {
        twin.start();
      } catch (IOException e) {
        throw new UncheckedIOException(name + " in process", e);
      }
      inProcess = twin;
    }
    return InProcessChannelBuilder.forAddress(twin.getListenSockets().getFirst())
        .directExecutor()
        .build();
  }

  /** Says SERVING or NOT_SERVING for the whole server and each of its services. */
  public void serving(boolean serving) {
    ServingStatus status = serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
    for (String service : serviceNames) {
      health.setStatus(service, status);
    }
    if (serving) {
      served.complete(null);
    }
  }

  @Override
  public void whenServing(Runnable action) {
    var _ = served.thenRun(action);
  }

  @Override
  public HostPort address() {
    return new HostPort(settings.listen().host(), server.getPort());
  }

  /** Says NOT_SERVING, takes no new calls, waits for those in flight, then cancels what is left. */
  @Override
  public synchronized void close() {
    health.enterTerminalState();
    long endNs = System.nanoTime() + settings.drainTimeout().toNanos();
    server.shutdown();
    Server twin = inProcess;
    if (twin != null) {
      twin.shutdown();
      drain(twin, endNs);
    }
    drain(server, endNs);
  }

  private void drain(Server stopping, long endNs) {
    try {
      if (!stopping.awaitTermination(endNs - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        log.warn("{}: calls still in flight after {}; cancelled", name, settings.drainTimeout());
        stopping.shutdownNow();
        stopping.awaitTermination(1, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      stopping.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
