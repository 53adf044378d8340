package io.clientele.featurestore;

import static io.clientele.featurestore.TestingEvents.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.featurestore.store.RedisSettings;
import io.clientele.featurestore.v1.CustomerStatus;
import io.clientele.featurestore.v1.Event;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

final class SentinelTest {
  private static final int CUSTOMERS = 100;
  private static final int BATCH = 50;

  @TempDir private static Path directory;
  private static TestingRedisSentinels redis;

  @BeforeAll
  static void start() throws IOException {
    redis = new TestingRedisSentinels(directory);
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @Test
  void losesNothingAcknowledgedWhenTheMasterChanges() throws IOException {
    List<Event> log = TestingEvents.log(4, CUSTOMERS, 12_000);
    List<List<Event>> batches = TestingEvents.batches(log, BATCH);
    RedisSettings settings = RedisSettings.on(redis.uri()).withMinReplicas(1);
    TestingRedisServer first = redis.master();
    try (var store =
        new TestingFeatureStore(settings, directory.resolve("models"), new TestingClock(NOW))) {
      store.awaitHealth(ServingStatus.SERVING);
      TestingProducer.recordAll(store.channel(), batches.getFirst(), BATCH);
      String known = batches.getFirst().getFirst().getCustomerId();
      try (var reads = new TestingReads(store, known)) {
        var producer = new TestingResender(store.channel(), batches.subList(1, batches.size()));
        producer.run(
            answered -> {
              if (answered == batches.size() / 4) {
                first.kill();
              } else if (answered == batches.size() / 2) {
                redis.failOver();
              }
            });
        reads.awaitAnswer();

        assertThat(producer.streams()).isGreaterThan(1);
        assertThat(reads.statuses()).containsExactly(CustomerStatus.FOUND);
        assertThat(reads.failures()).isSubsetOf(Status.Code.UNAVAILABLE);
      }
      assertThat(redis.master()).isNotSameAs(first);
      try (Jedis client = redis.master().client()) {
        assertThat(ConvergenceTest.states(client)).isEqualTo(ClusterTest.oracle(directory, log));
      }
    }
  }
}
