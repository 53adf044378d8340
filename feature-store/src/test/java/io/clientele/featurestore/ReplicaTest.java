package io.clientele.featurestore;

import static io.clientele.featurestore.TestingEvents.NOW;
import static io.clientele.featurestore.TestingEvents.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clientele.featurestore.store.RedisSettings;
import io.clientele.featurestore.v1.CustomerStatus;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

final class ReplicaTest {
  @TempDir private Path directory;

  @Test
  void isNotReadOnceItIsNoMasterAnyMore() throws IOException {
    int port = TestingRedisServer.freePort();
    RedisSettings settings = RedisSettings.on(URI.create("redis://127.0.0.1:" + port));
    try (TestingRedisServer redis = new TestingRedisServer(directory.resolve("redis"), port);
        Jedis admin = redis.client();
        var store =
            new TestingFeatureStore(settings, directory.resolve("models"), new TestingClock(NOW))) {
      store.awaitHealth(ServingStatus.SERVING);
      TestingProducer.record(store.channel(), order("alice", "o1", NOW, 5).build());

      admin.replicaof("127.0.0.1", 1);
      store.awaitHealth(ServingStatus.NOT_SERVING);
      assertThatThrownBy(() -> store.features("alice"))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessageContaining("127.0.0.1:" + port + " is a replica (expected: a master)");

      admin.replicaofNoOne();
      store.awaitHealth(ServingStatus.SERVING);
      assertThat(store.features("alice").getCustomersList()).containsExactly(CustomerStatus.FOUND);
    }
  }
}
