package io.clientele.featurestore;

import static io.clientele.featurestore.TestingEvents.NOW;
import static io.clientele.featurestore.TestingEvents.order;
import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.featurestore.store.RedisSettings;
import io.clientele.featurestore.v1.CustomerStatus;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.Verdict;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

final class MinReplicasTest {
  private static final Event EVENT = order("alice", "o1", NOW, 5).build();

  @TempDir private Path directory;

  @Test
  void acknowledgesNothingThatTooFewReplicasHave() throws IOException {
    int port = TestingRedisServer.freePort();
    try (TestingRedisServer master = server(port);
        TestingRedisServer replica =
            server(
                TestingRedisServer.freePort(),
                "--replicaof",
                "127.0.0.1",
                Integer.toString(port))) {
      awaitReplica(master);
      try (TestingFeatureStore hasty = store(port, 0);
          TestingFeatureStore careful = store(port, 1)) {
        hasty.awaitHealth(ServingStatus.SERVING);
        careful.awaitHealth(ServingStatus.SERVING);
        replica.signal("STOP");
        try {
          assertThat(failure(careful, order("bob", "o2", NOW, 5).build())).contains("NOREPLICAS");
          // A duplicate, but of an event that can still be lost.
          assertThat(TestingProducer.record(hasty.channel(), EVENT).getVerdictsList())
              .containsExactly(Verdict.APPLIED);
          assertThat(failure(careful, EVENT))
              .isEqualTo("redis is unavailable: NOREPLICAS written to 0 replicas (expected: 1)");

          assertThat(careful.features("alice").getCustomersList())
              .containsExactly(CustomerStatus.FOUND);
          // Each time the read of the bucket's counter, and that of the state.
          assertThat(careful.metrics())
              .contains("clientele_refusals_total{dependency=\"redis\",error=\"NOREPLICAS\"} 4.0");
        } finally {
          replica.signal("CONT");
        }
        awaitReplica(master);

        assertThat(TestingProducer.record(careful.channel(), EVENT).getVerdictsList())
            .containsExactly(Verdict.DUPLICATE);
      }
    }
  }

  private static String failure(TestingFeatureStore store, Event event) {
    try (var producer = new TestingProducer(store.channel())) {
      producer.send(TestingEvents.batch(1, List.of(event)));
      Status end = producer.end();
      assertThat(end.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      return String.valueOf(end.getDescription());
    }
  }

  private static void awaitReplica(TestingRedisServer master) {
    TestingRedisServer.await(
        "the replica does not follow",
        () -> {
          try (Jedis client = master.client()) {
            client.set("anything", "written"); // Valkey waits for what its caller has written
            return client.waitReplicas(1, 100) == 1;
          }
        });
  }

  private TestingRedisServer server(int port, String... options) throws IOException {
    var all = new ArrayList<>(List.of("--repl-diskless-sync-delay", "0"));
    all.addAll(List.of(options));
    return new TestingRedisServer(
        directory.resolve("node-" + port), port, all.toArray(String[]::new));
  }

  private TestingFeatureStore store(int port, int minReplicas) {
    RedisSettings settings =
        RedisSettings.on(URI.create("redis://127.0.0.1:" + port)).withMinReplicas(minReplicas);
    return new TestingFeatureStore(settings, directory, new TestingClock(NOW));
  }
}
