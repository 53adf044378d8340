package io.clientele.featurestore;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.params.MigrateParams;
import redis.clients.jedis.util.JedisClusterCRC16;

/** A real cluster on loopback: three masters with a replica each. */
final class TestingRedisCluster implements AutoCloseable {
  private static final int SLOTS = 16_384;
  private static final int MASTERS = 3;
  private static final int NODES = 6;
  private static final int FIELDS_BEFORE_SLOTS = 8;
  private static final int MOVE_ATTEMPTS = 10;
  private static final int MOVE_TIMEOUT_MS = 5_000;

  private final List<TestingRedisServer> nodes = new ArrayList<>();

  TestingRedisCluster(Path directory) throws IOException {
    boolean up = false;
    try {
      for (int i = 0; i < NODES; i++) {
        nodes.add(
            new TestingRedisServer(
                directory.resolve("node-" + i),
                TestingRedisServer.freePort(),
                "--cluster-enabled",
                "yes",
                "--cluster-node-timeout",
                "1500",
                "--cluster-require-full-coverage",
                "no",
                "--repl-diskless-sync-delay",
                "0"));
      }
      meet();
      up = true;
    } finally {
      if (!up) {
        close();
      }
    }
  }

  private void meet() {
    for (int i = 0; i < NODES; i++) {
      try (Jedis node = nodes.get(i).client()) {
        node.clusterSetConfigEpoch(i + 1L);
        if (i < MASTERS) {
          node.clusterAddSlots(
              IntStream.range(SLOTS * i / MASTERS, SLOTS * (i + 1) / MASTERS).toArray());
        }
        node.clusterMeet("127.0.0.1", nodes.getFirst().port());
      }
    }
    for (TestingRedisServer node : nodes) {
      TestingRedisServer.await(
          "a node knows not all", () -> info(node, "cluster_known_nodes:" + NODES));
    }
    for (int i = MASTERS; i < NODES; i++) {
      try (Jedis replica = nodes.get(i).client()) {
        replica.clusterReplicate(id(nodes.get(i - MASTERS)));
      }
    }
    awaitReplicas();
    for (TestingRedisServer node : nodes) {
      TestingRedisServer.await("a node is not ready", () -> info(node, "cluster_state:ok"));
    }
  }

  /** Waits until each master has a replica that follows it. */
  void awaitReplicas() {
    TestingRedisServer.await(
        "a master without a replica",
        () ->
            masters().size() == MASTERS
                && masters().stream().allMatch(master -> says(master, "state=online")));
  }

  private static boolean info(TestingRedisServer node, String wanted) {
    try (Jedis client = node.client()) {
      return client.clusterInfo().contains(wanted);
    }
  }

  private static boolean says(TestingRedisServer node, String wanted) {
    try (Jedis client = node.client()) {
      return client.info("replication").contains(wanted);
    } catch (JedisException e) {
      return false;
    }
  }

  private static String id(TestingRedisServer node) {
    try (Jedis client = node.client()) {
      return client.clusterMyId();
    }
  }

  /** All nodes that are masters now. */
  List<TestingRedisServer> masters() {
    return nodes.stream()
        .filter(node -> node.isAlive() && says(node, "role:master") && !slots(node).isEmpty())
        .toList();
  }

  /** The ranges of slots that a node says it has. */
  private static List<int[]> slots(TestingRedisServer node) {
    try (Jedis client = node.client()) {
      return client
          .clusterNodes()
          .lines()
          .filter(line -> line.contains("myself"))
          .flatMap(line -> Arrays.stream(line.split(" ")).skip(FIELDS_BEFORE_SLOTS))
          .filter(range -> !range.startsWith("[")) // on its way
          .map(range -> Arrays.stream(range.split("-")).mapToInt(Integer::parseInt).toArray())
          .toList();
    }
  }

  /** The master that has a slot. */
  TestingRedisServer masterOf(int slot) {
    return masters().stream()
        .filter(
            node ->
                slots(node).stream().anyMatch(own -> own[0] <= slot && slot <= own[own.length - 1]))
        .findAny()
        .orElseThrow();
  }

  /** The slot of a bucket's keys. */
  static int slot(int bucket) {
    return JedisClusterCRC16.getSlot("{b" + bucket + "}");
  }

  /** Moves a slot with all its keys, as redis-cli does. */
  void move(int slot, TestingRedisServer from, TestingRedisServer to) {
    try (Jedis source = from.client();
        Jedis target = to.client()) {
      target.clusterSetSlotImporting(slot, source.clusterMyId());
      source.clusterSetSlotMigrating(slot, target.clusterMyId());
      List<byte[]> keys = source.clusterGetKeysInSlotBinary(slot, 2);
      while (!keys.isEmpty()) {
        migrate(source, to, keys);
        keys = source.clusterGetKeysInSlotBinary(slot, 2);
      }
      target.clusterSetSlotNode(slot, target.clusterMyId());
      source.clusterSetSlotNode(slot, target.clusterMyId());
    }
  }

  /** A busy machine may take longer than the timeout: then the keys may be on both sides. */
  private static void migrate(Jedis source, TestingRedisServer to, List<byte[]> keys) {
    for (int attempt = 1; ; attempt++) {
      try {
        source.migrate(
            "127.0.0.1",
            to.port(),
            MOVE_TIMEOUT_MS,
            new MigrateParams().replace(),
            keys.toArray(new byte[0][]));
        return;
      } catch (JedisDataException e) {
        if (attempt == MOVE_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  void clear() {
    for (TestingRedisServer master : masters()) {
      try (Jedis client = master.client()) {
        client.flushAll();
      }
    }
  }

  /** Names two nodes, one of which may be down. */
  URI uri() {
    return URI.create(
        nodes.subList(0, 2).stream()
            .map(node -> "127.0.0.1:" + node.port())
            .collect(Collectors.joining(",", "redis+cluster://", "")));
  }

  @Override
  public void close() {
    nodes.forEach(TestingRedisServer::close);
  }
}
