package io.clientele.featurestore;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.featurestore.store.RedisBinary;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/** A redis-server with options of its own, on loopback and without a file of data. */
final class TestingRedisServer implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;
  private static final int BUS_OFFSET = 10_000;
  private static final int FIRST_PORT = 12_000;
  private static final int LAST_PORT = 22_000;

  private final Path home;
  private final int port;
  private final List<String> options;
  private Process process;

  /**
   * Starts it and waits until it answers.
   *
   * @param options as on the command line, beside port, directory and no persistence
   */
  TestingRedisServer(Path home, int port, String... options) throws IOException {
    this.home = Files.createDirectories(home);
    this.port = port;
    this.options = List.of(options);
    process = launch();
  }

  private Process launch() throws IOException {
    RedisBinary binary = RedisBinary.find(home.resolve("bin"));
    var command = new ArrayList<>(List.of(binary.executable().toString()));
    command.addAll(options);
    command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1"));
    command.addAll(List.of("--dir", home.toString(), "--logfile", "redis.log", "--save", ""));
    Process started =
        new ProcessBuilder(command)
            .directory(home.toFile())
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("out.log").toFile())
            .start();
    await("no answer of " + command, () -> answers(started));
    return started;
  }

  private boolean answers(Process started) {
    if (!started.isAlive()) {
      throw new AssertionError("redis-server ended, see " + home);
    }
    try (Jedis client = client()) {
      return client.ping() != null;
    } catch (JedisConnectionException e) {
      return false;
    } catch (JedisException e) {
      return true; // it refuses: it is there
    }
  }

  /** Two of its kind do not take the same: below those that the system hands out, with its bus. */
  static int freePort() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
      if (isFree(port) && isFree(port + BUS_OFFSET)) {
        return port;
      }
    }
  }

  private static boolean isFree(int port) {
    try (var socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  int port() {
    return port;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  Jedis client() {
    return new Jedis(
        new HostAndPort("127.0.0.1", port),
        DefaultJedisClientConfig.builder().timeoutMillis(5_000).serverDefaultProtocol().build());
  }

  /** With SIGKILL. */
  void kill() {
    process.destroyForcibly();
    process.onExit().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  /** Such as STOP and CONT. */
  void signal(String name) throws IOException {
    try {
      var kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
      assertThat(kill.waitFor()).isZero();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  void restart() throws IOException {
    process = launch();
  }

  /** Waits until something holds. */
  static void await(String otherwise, BooleanSupplier condition) {
    long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - endNs > 0) {
        throw new AssertionError(otherwise);
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
  }

  @Override
  public void close() {
    kill();
  }
}
