package io.clientele.featurestore;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/** A real master with two replicas, watched by three sentinels, on loopback. */
final class TestingRedisSentinels implements AutoCloseable {
  private static final String MASTER_NAME = "shop";
  private static final int REPLICAS = 2;
  private static final int SENTINELS = 3;

  private final List<TestingRedisServer> nodes = new ArrayList<>();
  private final List<TestingRedisServer> sentinels = new ArrayList<>();

  TestingRedisSentinels(Path directory) throws IOException {
    boolean up = false;
    try {
      int masterPort = TestingRedisServer.freePort();
      nodes.add(node(directory, masterPort));
      for (int i = 0; i < REPLICAS; i++) {
        nodes.add(
            node(
                directory,
                TestingRedisServer.freePort(),
                "--replicaof",
                "127.0.0.1",
                Integer.toString(masterPort)));
      }
      awaitReplicas(nodes.getFirst(), REPLICAS);
      for (int i = 0; i < SENTINELS; i++) {
        sentinels.add(sentinel(directory.resolve("sentinel-" + i), masterPort));
      }
      for (TestingRedisServer sentinel : sentinels) {
        TestingRedisServer.await("a sentinel does not know all", () -> knowsAll(sentinel));
      }
      up = true;
    } finally {
      if (!up) {
        close();
      }
    }
  }

  private static TestingRedisServer node(Path directory, int port, String... options)
      throws IOException {
    var all = new ArrayList<>(List.of("--repl-diskless-sync-delay", "0"));
    all.addAll(List.of(options));
    return new TestingRedisServer(
        directory.resolve("node-" + port), port, all.toArray(String[]::new));
  }

  private static TestingRedisServer sentinel(Path home, int masterPort) throws IOException {
    Path settings = Files.createDirectories(home).resolve("sentinel.conf");
    Files.writeString(
        settings,
        """
        sentinel monitor shop 127.0.0.1 %d 2
        sentinel down-after-milliseconds shop 1000
        sentinel failover-timeout shop 10000
        sentinel parallel-syncs shop 2
        """
            .formatted(masterPort));
    return new TestingRedisServer(
        home, TestingRedisServer.freePort(), settings.toString(), "--sentinel");
  }

  private static boolean knowsAll(TestingRedisServer sentinel) {
    try (Jedis client = sentinel.client()) {
      Map<String, String> master = client.sentinelMaster(MASTER_NAME);
      return Integer.toString(REPLICAS).equals(master.get("num-slaves"))
          && Integer.toString(SENTINELS - 1).equals(master.get("num-other-sentinels"));
    }
  }

  private static void awaitReplicas(TestingRedisServer master, int count) {
    TestingRedisServer.await(
        "a replica does not follow",
        () -> {
          try (Jedis client = master.client()) {
            return client.info("replication").split("state=online", -1).length == count + 1;
          }
        });
  }

  /** The node that is a master and alive. */
  TestingRedisServer master() {
    return nodes.stream().filter(TestingRedisSentinels::isMaster).findAny().orElseThrow();
  }

  private static boolean isMaster(TestingRedisServer node) {
    if (!node.isAlive()) {
      return false;
    }
    try (Jedis client = node.client()) {
      return client.info("replication").contains("role:master");
    } catch (JedisException e) {
      return false;
    }
  }

  /** Tells the sentinels to make a replica the master, while the old one lives. */
  void failOver() {
    TestingRedisServer.await(
        "no failover",
        () -> {
          try (Jedis client = sentinels.getFirst().client()) {
            return client.sentinelFailover(MASTER_NAME) != null;
          } catch (JedisDataException e) {
            return false; // the last one is not over yet
          }
        });
  }

  /** Names a sentinel that is not there and all that are. */
  URI uri() {
    return URI.create(
        sentinels.stream()
            .map(sentinel -> "127.0.0.1:" + sentinel.port())
            .collect(Collectors.joining(",", "redis+sentinel://127.0.0.1:1,", "/" + MASTER_NAME)));
  }

  @Override
  public void close() {
    sentinels.forEach(TestingRedisServer::close);
    nodes.forEach(TestingRedisServer::close);
  }
}
