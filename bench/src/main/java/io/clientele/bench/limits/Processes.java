package io.clientele.bench.limits;

import io.clientele.bench.EchoServer;
import io.clientele.cli.Readiness;
import io.clientele.featurestore.store.RedisProcess;
import io.clientele.grpc.Channels;
import io.clientele.grpc.HostPort;
import io.grpc.ManagedChannel;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Processes of one's own on loopback, each with its default settings. All of them stop, the last
 * one first, when this is closed or the JVM ends.
 */
final class Processes implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1";
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);

  private final Path home;
  private final Path work;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Thread atExit = new Thread(this::stopAll, "stop"); // Ctrl-C

  /**
   * @param home the project's folder
   */
  Processes(Path home) throws IOException {
    this.home = home;
    work = Files.createTempDirectory("clientele-bench");
    parts.push(() -> delete(work));
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * The Redis that comes along, or the one that is installed.
   *
   * @param proc its folder in /proc, where the system has one
   */
  record Redis(Server server, URI uri, Path proc) {}

  /**
   * A server to be asked.
   *
   * @param channels connections to it, one a core
   */
  record Service(Server server, HostPort address, List<ManagedChannel> channels) {}

  /** A folder of one's own, which goes when this is closed. */
  Path folder(String name) {
    return work.resolve(name);
  }

  Redis redis() throws IOException {
    RedisProcess redis = RedisProcess.start(work.resolve("redis"), 0);
    parts.push(redis);
    return new Redis(
        Server.process("Redis", ProcessHandle.of(redis.pid()).orElseThrow()),
        redis.uri(),
        Path.of("/proc", Long.toString(redis.pid())));
  }

  Service echo() throws IOException {
    HostPort address = freeAddress();
    var line = new ArrayList<String>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(jvmFlags());
    line.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            EchoServer.class.getName(),
            address.toString()));
    return await("echo", address, line);
  }

  /** What the launcher runs services' JVMs with. */
  List<String> jvmFlags() throws IOException {
    Process launcher =
        new ProcessBuilder(home.resolve("clientele").toString(), "--jvm-flags").start();
    try (BufferedReader flags = launcher.inputReader()) {
      return flags.lines().toList();
    }
  }

  Service featureStore(Redis redis, Path models) throws IOException {
    return start(
        "feature-store",
        "--listen=",
        "--redis=" + redis.uri(),
        "--models=" + models,
        "--metrics-listen=off");
  }

  Service scorer(Path models) throws IOException {
    return start("scorer", "--listen=", "--models=" + models, "--metrics-listen=off");
  }

  Service gateway(Service featureStore, Service scorer) throws IOException {
    return start(
        "gateway",
        "--listen=",
        "--feature-store=" + featureStore.address,
        "--scorer=" + scorer.address,
        "--metrics-listen=off");
  }

  /** All three services in one JVM: its gateway. */
  Service oneJvm(Redis redis, Path models) throws IOException {
    return start(
        "up",
        "--gateway-listen=",
        "--redis=" + redis.uri(),
        "--models=" + models,
        "--feature-store-listen=127.0.0.1:0",
        "--scorer-listen=127.0.0.1:0",
        "--metrics-listen=127.0.0.1:0");
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

  /** An address with a port that was free a moment ago. */
  static HostPort freeAddress() throws IOException {
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

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private synchronized void stopAll() {
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

  @Override
  public void close() {
    stopAll();
    Runtime.getRuntime().removeShutdownHook(atExit);
  }
}
