package io.clientele.bench.limits;

import io.clientele.bench.limits.Processes.Service;
import io.clientele.cli.Readiness;
import io.clientele.grpc.Channels;
import io.clientele.grpc.HostPort;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server as a process of its own, and how long it took from exec to SERVING. */
final class StartedService implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);
  private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

  private final String name;
  private final HostPort address;
  private final Process process;
  private final Path proc;
  private final ManagedChannel channel;
  private final double seconds;
  private final Thread atExit;

  private StartedService(
      String name, HostPort address, Process process, ManagedChannel channel, double seconds) {
    this.name = name;
    this.address = address;
    this.process = process;
    proc = Path.of("/proc", Long.toString(process.pid()));
    this.channel = channel;
    this.seconds = seconds;
    atExit = new Thread(process::destroy, "stop " + name); // Ctrl-C
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Starts it and waits until it says SERVING.
   *
   * @param address that it is told to listen on
   * @param log takes what it prints
   * @throws IOException if it does not serve, with its log
   */
  static StartedService start(
      String name,
      HostPort address,
      List<String> command,
      Map<String, String> environment,
      Path log)
      throws IOException {
    var builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    long startNs = System.nanoTime();
    Process process = builder.start();
    ManagedChannel channel = null;
    try {
      // A channel that finds no port waits a second before it tries again.
      awaitPort(address, process, startNs);
      channel = Channels.open(address);
      Readiness.await(name, address, channel, START_TIMEOUT);
      return new StartedService(
          name, address, process, channel, (System.nanoTime() - startNs) / 1e9);
    } catch (IOException | RuntimeException e) {
      if (channel != null) {
        Channels.close(channel);
      }
      process.destroyForcibly();
      throw new IOException(name + " does not start:\n" + Files.readString(log), e);
    }
  }

  private static void awaitPort(HostPort address, Process process, long startNs)
      throws IOException {
    var target = new InetSocketAddress(address.host(), address.port());
    while (true) {
      try (var socket = new Socket()) {
        socket.connect(target);
        return;
      } catch (IOException e) {
        if (!process.isAlive() || System.nanoTime() - startNs > START_TIMEOUT.toNanos()) {
          throw e;
        }
        LockSupport.parkNanos(POLL_NS);
      }
    }
  }

  String name() {
    return name;
  }

  HostPort address() {
    return address;
  }

  /** From exec to SERVING. */
  double seconds() {
    return seconds;
  }

  /**
   * As one to be asked, with a connection a core, all of them open: what connecting takes is not
   * the first calls'. Its other channels close with the parts.
   */
  Service service(List<AutoCloseable> parts) {
    List<ManagedChannel> channels = new ArrayList<>(List.of(channel));
    while (channels.size() < Runtime.getRuntime().availableProcessors()) {
      ManagedChannel another = Channels.open(address);
      parts.add(() -> Channels.close(another));
      Readiness.await(name, address, another, START_TIMEOUT);
      channels.add(another);
    }
    return new Service(Server.process(name, process.toHandle()), address, channels);
  }

  /**
   * What the process holds of the machine's memory.
   *
   * @throws IOException where the system does not say, for want of /proc
   */
  double residentMiB() throws IOException {
    String status = Files.readString(proc.resolve("status"));
    Matcher resident = RESIDENT.matcher(status);
    if (!resident.find()) {
      throw new IOException("no VmRSS of " + name);
    }
    return Long.parseLong(resident.group(1)) / 1024.0;
  }

  /**
   * What its threads have used.
   *
   * @throws IOException where the system does not say
   */
  ThreadsCpu cpu() throws IOException {
    return ThreadsCpu.of(proc);
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(atExit);
    Channels.close(channel);
    process.destroy();
    try {
      if (process.waitFor(STOP_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
