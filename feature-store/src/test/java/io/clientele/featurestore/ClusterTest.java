package io.clientele.featurestore;

import static io.clientele.featurestore.TestingEvents.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.featurestore.store.RedisProcess;
import io.clientele.featurestore.store.RedisSettings;
import io.clientele.featurestore.v1.CustomerStatus;
import io.clientele.featurestore.v1.Event;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

final class ClusterTest {
  private static final int CUSTOMERS = 200;
  private static final int BATCH = 50;
  private static final int BUCKETS_TO_MOVE = 12;

  @TempDir private static Path directory;
  private static TestingRedisCluster cluster;

  @BeforeAll
  static void start() throws IOException {
    cluster = new TestingRedisCluster(directory.resolve("cluster"));
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void clear() {
    cluster.clear();
  }

  private static TestingFeatureStore store(int minReplicas) {
    RedisSettings settings = RedisSettings.on(cluster.uri()).withMinReplicas(minReplicas);
    return new TestingFeatureStore(settings, directory.resolve("models"), new TestingClock(NOW));
  }

  @Test
  void holdsWhatOneNodeHolds() throws IOException {
    List<Event> log = TestingEvents.log(1, CUSTOMERS, 5_000);
    try (TestingFeatureStore store = store(0)) {
      store.awaitHealth(ServingStatus.SERVING);
      TestingProducer.recordAll(store.channel(), log, BATCH);

      assertThat(states()).isEqualTo(oracle(directory, log)).hasSize(CUSTOMERS);
      assertThat(cluster.masters())
          .allSatisfy(
              master -> {
                try (Jedis client = master.client()) {
                  assertThat(ConvergenceTest.states(client)).isNotEmpty();
                }
              });
    }
  }

  @Test
  void losesNothingAcknowledgedWhenAMasterIsKilled() throws Exception {
    List<Event> log = TestingEvents.log(2, CUSTOMERS, 10_000);
    List<List<Event>> batches = TestingEvents.batches(log, BATCH);
    TestingRedisServer victim = cluster.masterOf(TestingRedisCluster.slot(0));
    try (TestingFeatureStore store = store(1)) {
      store.awaitHealth(ServingStatus.SERVING);
      TestingProducer.recordAll(store.channel(), customers(log), 500);
      try (var reads = new TestingReads(store, ids())) {
        var producer = new TestingResender(store.channel(), batches);
        var failover = new FutureTask<>(() -> comeBack(victim));
        producer.run(
            answered -> {
              if (answered == batches.size() / 4) {
                victim.kill();
                Thread.ofPlatform().start(failover);
              }
            });
        failover.get(60, TimeUnit.SECONDS);
        reads.awaitAnswer();

        assertThat(producer.streams()).isGreaterThan(1);
        assertThat(reads.statuses()).containsExactly(CustomerStatus.FOUND);
        assertThat(reads.failures()).containsExactly(Status.Code.UNAVAILABLE);
      }
      assertThat(states()).isEqualTo(oracle(directory, log));
    }
  }

  /** Another has to take over first: the killed one knows nothing any more. */
  private static boolean comeBack(TestingRedisServer victim) throws IOException {
    TestingRedisServer.await("nobody takes over", () -> cluster.masters().size() == 3);
    victim.restart();
    cluster.awaitReplicas();
    return true;
  }

  @Test
  void goesOnWhileSlotsMove() throws Exception {
    List<Event> log = TestingEvents.log(3, CUSTOMERS, 20_000);
    List<List<Event>> batches = TestingEvents.batches(log, BATCH);
    try (TestingFeatureStore store = store(0)) {
      store.awaitHealth(ServingStatus.SERVING);
      TestingProducer.recordAll(store.channel(), customers(log), 500);
      try (var reads = new TestingReads(store, ids())) {
        var producer = new TestingResender(store.channel(), batches);
        var answeredNow = new AtomicInteger();
        var meanwhile = new ArrayList<Integer>();
        var moves =
            new FutureTask<>(
                () -> {
                  for (int bucket = 0; bucket < BUCKETS_TO_MOVE; bucket++) {
                    move(TestingRedisCluster.slot(bucket));
                    meanwhile.add(answeredNow.get());
                  }
                  return meanwhile;
                });
        producer.run(
            answered -> {
              answeredNow.set(answered);
              if (answered == 10) {
                Thread.ofPlatform().start(moves);
              }
            });
        moves.get(60, TimeUnit.SECONDS);
        reads.awaitAnswer();

        assertThat(meanwhile.getFirst()).isLessThan(batches.size());
        assertThat(reads.statuses()).containsExactly(CustomerStatus.FOUND);
        assertThat(reads.failures()).isEmpty();
      }
      assertThat(states()).isEqualTo(oracle(directory, log));
    }
  }

  private static void move(int slot) {
    TestingRedisServer from = cluster.masterOf(slot);
    TestingRedisServer to =
        cluster.masters().stream().filter(node -> node != from).findFirst().orElseThrow();
    cluster.move(slot, from, to);
  }

  private static String[] ids() {
    String[] ids = new String[CUSTOMERS];
    for (int i = 0; i < CUSTOMERS; i++) {
      ids[i] = "customer-" + i;
    }
    return ids;
  }

  /** The first event of each customer of a log. */
  private static List<Event> customers(List<Event> log) {
    Map<String, Event> first = new TreeMap<>();
    log.forEach(event -> first.putIfAbsent(event.getCustomerId(), event));
    return List.copyOf(first.values());
  }

  private static Map<String, List<String>> states() {
    var states = new TreeMap<String, List<String>>();
    for (TestingRedisServer master : cluster.masters()) {
      try (Jedis client = master.client()) {
        ConvergenceTest.states(client)
            .forEach((key, state) -> assertThat(states.put(key, state)).isNull());
      }
    }
    return states;
  }

  /** What one node holds after the log, each event once. */
  static Map<String, List<String>> oracle(Path directory, List<Event> log) throws IOException {
    try (RedisProcess redis = RedisProcess.start(directory.resolve("oracle-" + log.size()), 0);
        var store =
            new TestingFeatureStore(
                RedisSettings.on(redis.uri()),
                directory.resolve("models"),
                new TestingClock(NOW))) {
      store.awaitHealth(ServingStatus.SERVING);
      TestingProducer.recordAll(store.channel(), log, 500);
      return ConvergenceTest.states(redis.uri());
    }
  }
}
