package io.clientele.cli;

import io.clientele.grpc.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** The {@code clientele} command as a process of its own, with its output in a file. */
final class TestingProcess implements AutoCloseable {
  private static final int EXIT_TIMEOUT_SECONDS = 60;
  private static final int POLL_MILLIS = 50;

  private final Process process;
  private final Path output;

  private TestingProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /** Starts {@code clientele} with these arguments and variables. */
  static TestingProcess start(Path output, Map<String, String> environment, String... args)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx256m");
    command.add("-XX:+UseSerialGC");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-Dclientele.home=..");
    command.add(Clientele.class.getName());
    command.addAll(List.of(args));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("CLIENTELE_"));
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    builder.environment().putAll(environment);
    return new TestingProcess(builder.start(), output);
  }

  /**
   * An address with a port that was free a moment ago, and that no connection is given meanwhile:
   * systems take those from 32768 on.
   */
  static HostPort freeAddress() throws IOException {
    IOException last = new IOException("no free port");
    for (int attempt = 0; attempt < 100; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 32_768);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return new HostPort("127.0.0.1", socket.getLocalPort());
      } catch (IOException e) {
        last = e;
      }
    }
    throw last;
  }

  /** Waits for a line with this text, for as long as the process lives. */
  String awaitOutput(String text) throws IOException, InterruptedException {
    while (true) {
      boolean alive = process.isAlive();
      String seen = output();
      if (seen.contains(text)) {
        return seen;
      }
      if (!alive) {
        throw new AssertionError("ended without saying '" + text + "':\n" + seen);
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  /** All that it has said. */
  String output() throws IOException {
    return Files.readString(output);
  }

  /** The nice value of its first thread of that name, as Linux tells it: see proc(5). */
  int nice(String thread) throws IOException {
    try (DirectoryStream<Path> threads =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(process.pid()), "task"))) {
      for (Path each : threads) {
        String stat;
        try {
          stat = Files.readString(each.resolve("stat"));
        } catch (IOException e) {
          continue; // it has ended
        }
        int nameEnd = stat.lastIndexOf(')');
        if (stat.substring(stat.indexOf('(') + 1, nameEnd).equals(thread)) {
          return Integer.parseInt(stat.substring(nameEnd + 2).split(" ", -1)[16]);
        }
      }
    }
    throw new AssertionError("no thread " + thread);
  }

  /** Ends it as an operator would, and returns its exit code. */
  int terminate() throws InterruptedException {
    process.destroy();
    return await();
  }

  /** Ends it without a chance to do anything. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    await();
  }

  /** Ends its Redis without a chance to do anything. */
  void killRedis() {
    ProcessHandle redis =
        process
            .children()
            .filter(child -> child.info().command().orElse("").contains("redis"))
            .findAny()
            .orElseThrow();
    redis.destroyForcibly();
    redis.onExit().join();
  }

  /** Waits for its end and returns its exit code. */
  int await() throws InterruptedException {
    if (!process.waitFor(EXIT_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("does not end");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
