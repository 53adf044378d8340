package io.clientele.featurestore.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

final class RedisProcessTest {
  @TempDir private Path directory;

  @Test
  void keepsWhatItAnsweredWhenItIsKilled() throws IOException {
    Path data = directory.resolve("with space");
    try (RedisProcess redis = RedisProcess.start(data, 0)) {
      try (var client = new Jedis(redis.uri())) {
        for (int i = 0; i < 1_000; i++) {
          client.set("key-" + i, "value");
        }
        kill(redis);
      }
    }
    try (RedisProcess redis = RedisProcess.start(data, 0);
        var client = new Jedis(redis.uri())) {
      assertThat(client.dbSize()).isEqualTo(1_000);
    }
  }

  @Test
  void runsTheBinaryThatComesAlong() throws IOException {
    RedisBinary bundled = RedisBinary.bundled(directory.resolve("bin"));
    try (RedisProcess redis = RedisProcess.start(bundled, directory, 0);
        var client = new Jedis(redis.uri())) {
      client.set("key", "value");
      kill(redis);
    }
    try (RedisProcess redis = RedisProcess.start(bundled, directory, 0);
        var client = new Jedis(redis.uri())) {
      assertThat(client.get("key")).isEqualTo("value");
      assertThat(client.configGet("appendfsync")).containsEntry("appendfsync", "always");
      assertThat(client.configGet("bind")).containsEntry("bind", "127.0.0.1");
    }
  }

  @Test
  void packsACustomersHashIntoOneBlock() throws IOException {
    RedisBinary bundled = RedisBinary.bundled(directory.resolve("bin"));
    try (RedisProcess redis = RedisProcess.start(bundled, directory.resolve("bundled"), 0)) {
      assertThat(encoding(redis, 1_024)).isEqualTo("ziplist");
      assertThat(encoding(redis, 1_025)).isEqualTo("hashtable");
    }
    try (RedisProcess redis = RedisProcess.start(directory.resolve("found"), 0)) {
      assertThat(encoding(redis, 1_024)).isIn("ziplist", "listpack");
    }
  }

  private static String encoding(RedisProcess redis, int valueBytes) {
    try (var client = new Jedis(redis.uri())) {
      String key = "key-" + valueBytes;
      client.hset(key, "s", "x".repeat(valueBytes));
      return client.objectEncoding(key);
    }
  }

  @Test
  void takesTheBinaryOfThePathOnlyIfItIsNewEnough() throws IOException {
    Path old = script(directory.resolve("old"), "Redis server v=6.0.16 sha=0");
    Path broken = script(directory.resolve("broken"), "no version");
    Path recent = script(directory.resolve("new"), "Redis server v=6.2.0 sha=0");

    assertThat(RedisBinary.onPath(old + ":" + broken + ":" + recent))
        .get()
        .extracting(RedisBinary::executable)
        .isEqualTo(recent.resolve("redis-server"));
    assertThat(RedisBinary.onPath(old + ":" + broken + "::/nowhere")).isEmpty();
  }

  @Test
  void stopsTheRedisThatAKilledOwnerLeftBehind() throws IOException {
    Process owner =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                TestingRedisOwner.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String[] portAndPid = owner.inputReader().readLine().split(" ", 2);
    try (var client = new Jedis("127.0.0.1", Integer.parseInt(portAndPid[0]))) {
      client.set("from", "orphan");
    }
    owner.destroyForcibly();
    owner.onExit().orTimeout(10, TimeUnit.SECONDS).join();
    ProcessHandle orphan = ProcessHandle.of(Long.parseLong(portAndPid[1])).orElseThrow();
    assertThat(orphan.isAlive()).isTrue();

    try (RedisProcess redis = RedisProcess.start(directory, 0);
        var client = new Jedis(redis.uri())) {
      assertThat(orphan.isAlive()).isFalse();
      assertThat(client.get("from")).isEqualTo("orphan");
    }
  }

  @Test
  void refusesADirectoryThatIsInUse() throws IOException {
    try (RedisProcess redis = RedisProcess.start(directory, 0)) {
      assertThatThrownBy(() -> RedisProcess.start(directory, 0))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another process keeps its Redis here");
      assertThat(ProcessHandle.of(redis.pid())).get().matches(ProcessHandle::isAlive);
    }
    RedisProcess.start(directory, 0).close();
  }

  @Test
  void saysWhyItDoesNotComeUp() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      assertThatThrownBy(() -> RedisProcess.start(directory, taken.getLocalPort()))
          .isInstanceOf(IOException.class)
          .hasMessage("Redis on 127.0.0.1:" + taken.getLocalPort() + ": address already in use");
    }
    RedisProcess.start(directory, 0).close();
  }

  @Test
  void saysWhichDirectoryItCannotWriteTo() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");

    assertThatThrownBy(() -> RedisProcess.start(file, 0))
        .hasMessage(file + ": cannot be written to (not a directory)");
    assertThatThrownBy(() -> RedisProcess.start(file.resolve("redis"), 0))
        .hasMessageContaining(file + "/redis: cannot be written to (Not a directory)");
  }

  @Test
  void doesNotOpenWithAnOlderRedisWhatANewerOneWrote() throws IOException {
    Files.createDirectories(directory.resolve("appendonlydir"));
    RedisBinary bundled = RedisBinary.bundled(directory.resolve("bin"));
    assertThat(bundled.version().major()).isEqualTo(6);

    assertThatThrownBy(() -> RedisProcess.start(bundled, directory, 0))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("written by Redis 7.0 or newer");
  }

  private static void kill(RedisProcess redis) {
    ProcessHandle process = ProcessHandle.of(redis.pid()).orElseThrow();
    process.destroyForcibly();
    process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
  }

  private static Path script(Path folder, String says) throws IOException {
    Files.createDirectories(folder);
    Path file = folder.resolve("redis-server");
    Files.writeString(file, "#!/bin/sh\necho '" + says + "'\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return folder;
  }
}
