package io.clientele.bench.limits;

import io.clientele.bench.EchoServer;
import io.clientele.cli.Readiness;
import io.clientele.featurestore.store.RedisProcess;
import io.clientele.grpc.Channels;
import io.clientele.grpc.HostPort;
import io.grpc.ManagedChannel;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * All that is measured, each a process on loopback with its default settings: a Redis, the three
 * services, all three in one JVM on the same Redis, and an echo. Stops all of them when closed.
 */
final class Services implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1";
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);

  private final Path home;
  private final Path work;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Server redis;
  private final Service echo;
  private final Service featureStore;
  private final Service scorer;
  private final Service gateway;
  private final Service oneJvm;

  /**
   * Starts them and waits until all serve.
   *
   * @param home the project's folder
   * @param work takes logs and Redis's data
   */
  Services(Path home, Path work) throws IOException {
    this.home = home;
    this.work = work;
    try {
      RedisProcess started = RedisProcess.start(work.resolve("redis"), 0);
      parts.push(started);
      redis = Server.process("Redis", ProcessHandle.of(started.pid()).orElseThrow());
      String store = "--redis=" + started.uri();
      String models = "--models=" + models();
      echo = startEcho();
      featureStore = start("feature-store", "--listen=", store, models, "--metrics-listen=off");
      scorer = start("scorer", "--listen=", models, "--metrics-listen=off");
      gateway =
          start(
              "gateway",
              "--listen=",
              "--feature-store=" + featureStore.address,
              "--scorer=" + scorer.address,
              "--metrics-listen=off");
      oneJvm =
          start(
              "up",
              "--gateway-listen=",
              store,
              models,
              "--feature-store-listen=127.0.0.1:0",
              "--scorer-listen=127.0.0.1:0",
              "--metrics-listen=127.0.0.1:0");
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * A server to be asked.
   *
   * @param channels connections to it, one a core
   */
  record Service(Server server, HostPort address, List<ManagedChannel> channels) {}

  /** The model repository. */
  Path models() {
    return home.resolve("models");
  }

  Server redis() {
    return redis;
  }

  Service echo() {
    return echo;
  }

  Service featureStore() {
    return featureStore;
  }

  Service scorer() {
    return scorer;
  }

  Service gateway() {
    return gateway;
  }

  Service oneJvm() {
    return oneJvm;
  }

  private Service startEcho() throws IOException {
    HostPort address = freeAddress();
    return await(
        "echo",
        address,
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseCompactObjectHeaders",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            EchoServer.class.getName(),
            address.toString()));
  }

  private Service start(String command, String listen, String... options) throws IOException {
    HostPort address = freeAddress();
    var line = new ArrayList<>(List.of(home.resolve("clientele").toString(), command));
    line.add(listen + address);
    line.addAll(List.of(options));
    return await(command.equals("up") ? "one JVM" : command, address, line);
  }

  private Service await(String name, HostPort address, List<String> command) throws IOException {
    File log = work.resolve(name + ".log").toFile();
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
    parts.push(() -> stop(process));
    List<ManagedChannel> channels = new ArrayList<>();
    for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
      ManagedChannel channel = Channels.open(address);
      channels.add(channel);
      parts.push(() -> Channels.close(channel));
    }
    try {
      Readiness.await(name, address, channels.getFirst(), START_TIMEOUT);
    } catch (RuntimeException e) {
      throw new IOException(name + " does not start:\n" + Files.readString(log.toPath()), e);
    }
    Server server = Server.jvm(name, process.toHandle());
    parts.push(server);
    return new Service(server, address, channels);
  }

  private static HostPort freeAddress() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral(LOOPBACK))) {
      return new HostPort(LOOPBACK, socket.getLocalPort());
    }
  }

  private static void stop(Process process) throws InterruptedException {
    process.destroy();
    if (!process.waitFor(STOP_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS)) {
      process.destroyForcibly();
    }
  }

  @Override
  public synchronized void close() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        System.err.println("not closed: " + e);
      }
    }
  }
}
