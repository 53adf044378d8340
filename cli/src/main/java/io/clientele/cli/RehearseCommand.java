package io.clientele.cli;

import com.google.protobuf.Duration;
import io.clientele.gateway.GatewayServer;
import io.clientele.gateway.v1.GatewayGrpc;
import io.clientele.gateway.v1.Provenance;
import io.clientele.gateway.v1.ScoreBatchRequest;
import io.clientele.gateway.v1.ScoreBatchResponse;
import io.clientele.gateway.v1.ScoreRequest;
import io.clientele.gateway.v1.ScoreResponse;
import io.clientele.grpc.Channels;
import io.clientele.grpc.HostPort;
import io.clientele.grpc.Logging;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.ServerProcess;
import io.clientele.grpc.SettingsProblems;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Runs all that serves for a moment, on ports of its own, and ends: the JVM that does so learns
 * which classes a start needs and which methods calls run through, and makes its AOT cache of that.
 */
@Command(
    name = "rehearse",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Runs the platform for a moment: what the JVM learns makes an AOT cache.")
final class RehearseCommand implements Callable<Integer> {
  private static final HostPort ANY_PORT = new HostPort("127.0.0.1", 0);
  private static final java.time.Duration START_TIMEOUT = java.time.Duration.ofSeconds(60);
  private static final int TIMEOUT_SECONDS = 30;
  private static final int CUSTOMERS = 1_000;
  private static final int CALLERS = 8;
  private static final int CALLS = 300; // of each caller, to each gateway
  private static final int BATCH_EVERY = 20;
  private static final int BATCH_CUSTOMERS = 50;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "An empty folder for Redis's data.")
  private Path data = Path.of("");

  @Option(
      names = "--native",
      required = true,
      paramLabel = "DIR",
      description = "Takes the native libraries that ONNX Runtime has unpacked.")
  private Path libraries = Path.of("");

  @Override
  public Integer call() throws Exception {
    Logging.start(Logging.Format.text, Logging.Level.warn);
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    try {
      rehearse(data, parts);
      keepLibraries(libraries);
    } finally {
      Closing.all(parts);
    }
    return 0;
  }

  private static void rehearse(Path data, Deque<AutoCloseable> parts) throws Exception {
    SettingsProblems problems = new SettingsProblems();
    PlatformSettings settings =
        PlatformSettings.of(
            new PlatformSettings.Addresses(ANY_PORT, ANY_PORT, ANY_PORT, ANY_PORT),
            Home.models(),
            null,
            Map.of(),
            problems);
    problems.throwIfAny();
    SupervisedRedis redis = new SupervisedRedis(data, 0);
    parts.push(redis);
    LocalPlatform platform = new LocalPlatform(settings.at(redis.uri()));
    parts.push(platform);
    PlatformSettings.Addresses addresses = platform.addresses();
    ManagedChannel oneProcess = serving(addresses.gateway(), parts);
    // A gateway as a process of its own has it, with the others behind ports.
    Metrics metrics = Metrics.start(null);
    parts.push(metrics);
    GatewayServer gateway =
        GatewayServer.start(
            settings.gateway(addresses.featureStore(), addresses.scorer()), metrics);
    parts.push(gateway);
    ManagedChannel ownProcess = serving(gateway.address(), parts);

    List<String> customers = record(open(addresses.featureStore(), parts));
    try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        int caller = i;
        running.add(
            callers.submit(
                () -> {
                  score(ownProcess, customers, caller);
                  score(oneProcess, customers, caller);
                  return null;
                }));
      }
      for (Future<?> caller : running) {
        caller.get();
      }
    }
    ServerProcess.giveWayWhenServing(gateway);
  }

  /**
   * ONNX Runtime unpacks them to a folder for temporary files, and deletes them when it ends. Each
   * appears whole or not at all, and the one that the others belong to last: another process may do
   * the same, or start.
   */
  private static void keepLibraries(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    List<Path> libraries;
    try (Stream<Path> files = Files.find(temporary, 2, RehearseCommand::isUnpacked)) {
      libraries = files.sorted().toList(); // libonnxruntime.so before libonnxruntime4j_jni.so
    }
    for (Path library : libraries) {
      Path copy = Files.createTempFile(folder, "unfinished", null);
      try {
        Files.copy(library, copy, StandardCopyOption.REPLACE_EXISTING);
        Files.move(copy, folder.resolve(library.getFileName()), StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(copy);
      }
    }
  }

  private static boolean isUnpacked(Path file, BasicFileAttributes attributes) {
    return attributes.isRegularFile() && file.toString().contains("onnxruntime-java");
  }

  private static ManagedChannel open(HostPort address, Deque<AutoCloseable> parts) {
    ManagedChannel channel = Channels.open(address);
    parts.push(() -> Channels.close(channel));
    return channel;
  }

  private static ManagedChannel serving(HostPort address, Deque<AutoCloseable> parts) {
    ManagedChannel channel = open(address, parts);
    Readiness.await("gateway", address, channel, START_TIMEOUT);
    return channel;
  }

  /** Records a shop's events, and returns its customers. */
  private static List<String> record(ManagedChannel featureStore) {
    List<String> customers = new ArrayList<>();
    var shop = new SimulatedShop(SimulatedShop.Settings.cdnow(CUSTOMERS, 1, Instant.now()));
    try (EventSender sender = new EventSender(featureStore, verdicts -> {})) {
      shop.forEach(
          event -> {
            customers.add(event.customerId());
            sender.send(event);
          });
      var _ = sender.finish();
    }
    return customers.stream().distinct().toList();
  }

  private static void score(ManagedChannel channel, List<String> customers, int caller)
      throws InterruptedException, ExecutionException, TimeoutException {
    for (int i = 0; i < CALLS; i++) {
      GatewayGrpc.GatewayBlockingStub gateway =
          GatewayGrpc.newBlockingStub(channel).withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      int from = (caller * CALLS + i) % (customers.size() - BATCH_CUSTOMERS);
      ScoreRequest cached = ScoreRequest.newBuilder().setCustomerId(customers.get(from)).build();
      ScoreResponse computed =
          gateway.score(cached.toBuilder().setMaxAge(Duration.getDefaultInstance()).build());
      Provenance provenance = computed.getScores().getChurn().getOrigin().getProvenance();
      if (provenance != Provenance.COMPUTED) {
        throw new IllegalStateException(
            cached.getCustomerId() + ": " + provenance + " (expected: COMPUTED)");
      }
      var _ = gateway.score(cached);
      if (i % BATCH_EVERY == 0) {
        ScoreBatchRequest batch =
            ScoreBatchRequest.newBuilder()
                .addAllCustomerIds(customers.subList(from, from + BATCH_CUSTOMERS))
                .setMaxAge(Duration.getDefaultInstance())
                .build();
        var _ = gateway.scoreBatch(batch);
        stream(channel, batch);
      }
    }
  }

  private static void stream(ManagedChannel channel, ScoreBatchRequest batch)
      throws InterruptedException, ExecutionException, TimeoutException {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    StreamObserver<ScoreBatchRequest> requests =
        GatewayGrpc.newStub(channel)
            .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .scoreStream(
                new StreamObserver<ScoreBatchResponse>() {
                  @Override
                  public void onNext(ScoreBatchResponse scores) {}

                  @Override
                  public void onError(Throwable failure) {
                    ended.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {
                    ended.complete(null);
                  }
                });
    requests.onNext(batch);
    requests.onCompleted();
    ended.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }
}
