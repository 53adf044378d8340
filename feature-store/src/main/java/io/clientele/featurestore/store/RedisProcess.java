package io.clientele.featurestore.store;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.SafeEncoder;

/**
 * A real Redis that this process starts on a directory and stops again. It listens on loopback
 * only.
 *
 * <p>What Redis has answered is on disk: {@code appendfsync always} writes and syncs the
 * append-only file before it answers. {@code everysec} may hold writes back in memory for up to two
 * seconds while a sync runs, so that a killed Redis loses what it had answered; {@code no} survives
 * a kill but not a power cut. One sync covers all that is pipelined, so that the price is small.
 *
 * <p>A directory has one Redis. A lock file keeps a second owner out while the first lives. A Redis
 * that outlived its owner (killed, without a chance to stop it) is recognised by its command line
 * and stopped before the next one starts.
 */
public final class RedisProcess implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RedisProcess.class);
  private static final String LOOPBACK = "127.0.0.1";
  private static final String LOCK = "clientele.lock";
  private static final String LOG = "redis.log";
  private static final Path SETSID = Path.of("/usr/bin/setsid");
  private static final String PACKED_VALUE_BYTES = "1024";
  private static final RedisVersion WITH_APPEND_ONLY_DIRECTORY = new RedisVersion(7, 0);

  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);
  private static final int POLL_MILLIS = 20;
  private static final int PING_TIMEOUT_MILLIS = 1_000;
  private static final int FREE_PORT_ATTEMPTS = 5;
  private static final int LOG_TAIL_LINES = 12;

  private final Process process;
  private final int port;
  private final FileLock lock;

  private RedisProcess(Process process, int port, FileLock lock) {
    this.process = process;
    this.port = port;
    this.lock = lock;
  }

  /**
   * Starts the Redis that is installed here, or else the one that comes along.
   *
   * @param directory where its data is kept; made where it is missing
   * @param port 0 takes a free one
   * @throws IOException if it does not come up, with the end of its log
   */
  public static RedisProcess start(Path directory, int port) throws IOException {
    return start(() -> RedisBinary.find(directory.resolve("bin")), directory, port);
  }

  /** Starts this redis-server; else as {@link #start(Path, int)}. */
  public static RedisProcess start(RedisBinary binary, Path directory, int port)
      throws IOException {
    return start(() -> binary, directory, port);
  }

  /** Finds the binary, which may be written into the directory, once the directory is ours. */
  @FunctionalInterface
  private interface BinaryFinder {
    RedisBinary find() throws IOException;
  }

  private static RedisProcess start(BinaryFinder finder, Path directory, int port)
      throws IOException {
    Path home;
    FileLock lock;
    try {
      Files.createDirectories(directory);
      home = directory.toRealPath();
      lock = lock(home);
    } catch (FileSystemException e) {
      throw new IOException(directory + ": cannot be written to (" + reason(e) + ")", e);
    }
    try {
      stopOrphans(home);
      RedisBinary binary = finder.find();
      requireReadable(binary, home);
      return port == 0 ? onFreePort(binary, home, lock) : launch(binary, home, port, lock);
    } catch (IOException | RuntimeException e) {
      lock.acquiredBy().close();
      throw e;
    }
  }

  private static String reason(FileSystemException e) {
    return switch (e) {
      case AccessDeniedException _ -> "permission denied";
      case NoSuchFileException _ -> "no such directory";
      case FileAlreadyExistsException _ -> "not a directory";
      default -> String.valueOf(e.getReason());
    };
  }

  public int port() {
    return port;
  }

  public long pid() {
    return process.pid();
  }

  /** Completes when Redis has ended, for whatever reason. */
  public CompletableFuture<?> onEnd() {
    return process.onExit();
  }

  /** Where to connect to, such as {@code redis://127.0.0.1:6379}. */
  public URI uri() {
    return URI.create("redis://" + LOOPBACK + ":" + port);
  }

  /** Stops Redis and waits for its end. */
  @Override
  public void close() {
    try {
      stop(process.toHandle());
    } finally {
      try {
        lock.acquiredBy().close();
      } catch (IOException e) {
        log.warn("lock of the Redis directory: {}", e.getMessage());
      }
    }
  }

  private static RedisProcess onFreePort(RedisBinary binary, Path home, FileLock lock)
      throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return launch(binary, home, freePort(), lock);
      } catch (IOException e) {
        // Another process may have taken the port in between.
        if (attempt == FREE_PORT_ATTEMPTS || !String.valueOf(e.getMessage()).contains("in use")) {
          throw e;
        }
      }
    }
  }

  private static RedisProcess launch(RedisBinary binary, Path home, int port, FileLock lock)
      throws IOException {
    long logStart = logSize(home);
    Process process =
        new ProcessBuilder(command(binary, home, port))
            .directory(home.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(home.resolve(LOG).toFile()))
            .start();
    boolean up = false;
    try {
      process.getOutputStream().close();
      awaitReady(process, home, port, logStart);
      up = true;
    } finally {
      if (!up) {
        process.destroyForcibly();
      }
    }
    log.info("Redis {} on port {}, data in {}", binary.version(), port, home);
    return new RedisProcess(process, port, lock);
  }

  private static List<String> command(RedisBinary binary, Path home, int port) {
    var command = new ArrayList<String>();
    if (Files.isExecutable(SETSID)) {
      // Ctrl-C reaches every process of the terminal's group; the services are to drain first.
      command.add(SETSID.toString());
    }
    command.add(binary.executable().toString());
    option(command, "--port", Integer.toString(port));
    option(command, "--bind", LOOPBACK);
    option(command, "--protected-mode", "yes");
    option(command, "--dir", home.toString());
    option(command, "--appendonly", "yes");
    option(command, "--appendfsync", "always");
    option(command, "--save", "");
    option(command, "--maxmemory-policy", "noeviction");
    // Digests of ids, most of a state, do not compress; to try takes two fifths of a rewrite.
    option(command, "--rdbcompression", "no");
    // A customer's hash in one block saves a quarter of the memory; the default is 64 bytes a
    // value.
    // Redis 7 calls it hash-max-listpack-value and still knows this name.
    option(command, "--hash-max-ziplist-value", PACKED_VALUE_BYTES);
    // Keeps the command line as it is, by which an orphan is recognised.
    option(command, "--set-proc-title", "no");
    option(command, "--always-show-logo", "no");
    return command;
  }

  private static void option(List<String> command, String name, String value) {
    command.add(name);
    command.add(value);
  }

  private static FileLock lock(Path home) throws IOException {
    FileChannel channel =
        FileChannel.open(home.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // held by this very process
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    if (lock == null) {
      throw new IOException(
          home + ": another process keeps its Redis here (expected: one process a directory)");
    }
    return lock;
  }

  private static void stopOrphans(Path home) {
    ProcessHandle.allProcesses()
        .filter(process -> isRedisOn(home, process))
        .forEach(
            process -> {
              log.warn("stopping a Redis left behind in {}: process {}", home, process.pid());
              stop(process);
            });
  }

  private static boolean isRedisOn(Path home, ProcessHandle process) {
    ProcessHandle.Info info = process.info();
    List<String> arguments = Arrays.asList(info.arguments().orElse(new String[0]));
    int dir = arguments.indexOf("--dir");
    return dir >= 0
        && dir + 1 < arguments.size()
        && arguments.get(dir + 1).equals(home.toString())
        && arguments.contains("--appendonly");
  }

  /** An older Redis does not see what a newer one wrote, and would start empty. */
  private static void requireReadable(RedisBinary binary, Path home) throws IOException {
    if (Files.isDirectory(home.resolve("appendonlydir"))
        && !binary.version().isAtLeast(WITH_APPEND_ONLY_DIRECTORY)) {
      throw new IOException(
          home
              + ": written by Redis "
              + WITH_APPEND_ONLY_DIRECTORY
              + " or newer, which "
              + binary.executable()
              + " ("
              + binary.version()
              + ") cannot read");
    }
  }

  private static void awaitReady(Process process, Path home, int port, long logStart)
      throws IOException {
    long deadlineNs = System.nanoTime() + START_TIMEOUT.toNanos();
    try {
      while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        if (isServing(process, port)) {
          return;
        }
        if (System.nanoTime() - deadlineNs > 0) {
          throw new IOException(
              "Redis is not ready after "
                  + START_TIMEOUT.toSeconds()
                  + " s: "
                  + tail(home, logStart));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while Redis was starting", e);
    }
    String said = tail(home, logStart);
    if (said.contains("in use")) {
      throw new IOException("Redis on " + LOOPBACK + ":" + port + ": address already in use");
    }
    throw new IOException("Redis ended at once with code " + process.exitValue() + ": " + said);
  }

  /** Whether it is this process, and no other Redis, that answers on the port. */
  private static boolean isServing(Process process, int port) {
    var config =
        DefaultJedisClientConfig.builder()
            .serverDefaultProtocol()
            .timeoutMillis(PING_TIMEOUT_MILLIS)
            .build();
    try (var connection = new Connection(new HostAndPort(LOOPBACK, port), config)) {
      connection.ping();
      connection.sendCommand(Command.INFO, "server");
      String info = SafeEncoder.encode((byte[]) connection.getOne());
      return info.contains("process_id:" + process.pid() + "\r");
    } catch (JedisException e) {
      return false;
    }
  }

  private static void stop(ProcessHandle process) {
    CompletableFuture<ProcessHandle> end = process.onExit();
    process.destroy();
    try {
      if (!awaitEnd(end)) {
        log.warn("Redis does not stop within {}; killed", STOP_TIMEOUT);
        process.destroyForcibly();
        awaitEnd(end);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private static boolean awaitEnd(CompletableFuture<ProcessHandle> end)
      throws InterruptedException {
    try {
      end.get(STOP_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral(LOOPBACK))) {
      return socket.getLocalPort();
    }
  }

  private static long logSize(Path home) throws IOException {
    Path file = home.resolve(LOG);
    return Files.exists(file) ? Files.size(file) : 0;
  }

  /** The last lines that were logged since this start. */
  private static String tail(Path home, long start) throws IOException {
    byte[] log = Files.readAllBytes(home.resolve(LOG));
    int from = (int) Math.min(start, log.length);
    List<String> lines =
        new String(log, from, log.length - from, StandardCharsets.UTF_8).lines().toList();
    return String.join(
        "\n", lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size()));
  }
}
