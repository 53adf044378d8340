package io.clientele.featurestore;

import static io.clientele.featurestore.TestingEvents.NOW;
import static io.clientele.featurestore.TestingEvents.order;
import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.store.ChangeSettings;
import io.clientele.featurestore.store.RedisProcess;
import io.clientele.featurestore.store.RedisSettings;
import io.clientele.featurestore.v1.CustomerStatus;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import io.clientele.grpc.Channels;
import io.clientele.grpc.HostPort;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.ServerSettings;
import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

class FeatureStoreWarmUpTest {
  private static final HostPort ANY_PORT = new HostPort("127.0.0.1", 0);
  private static final TestingClock CLOCK = new TestingClock(NOW);

  @TempDir private Path folder = Path.of("");

  @Test
  void leavesNoTraceInRedisAndShowsNobodyTheMadeUpCustomer() throws Exception {
    try (RedisProcess redis = RedisProcess.start(folder, 0);
        Jedis admin = new Jedis(redis.uri())) {
      try (TestingFeatureStore cold =
          new TestingFeatureStore(RedisSettings.on(redis.uri()), folder.resolve("models"), CLOCK)) {
        TestingProducer.record(cold.channel(), order("alice", "o1", NOW, 1).build());
      }
      Set<String> before = admin.keys("*");

      try (FeatureStoreServer warm =
          FeatureStoreServer.start(
              settings(redis, Duration.ofSeconds(1)), Metrics.start(null), CLOCK)) {
        GetFeaturesResponse answer = read(warm, "warm-up:0", "alice");
        assertThat(answer.getCustomersList())
            .containsExactly(CustomerStatus.UNKNOWN, CustomerStatus.FOUND);
        assertThat(answer.getFeatureVersionsList()).containsExactly(0L, 1L);
      }
      assertThat(admin.keys("*")).isEqualTo(before);
    }
  }

  @Test
  void makesUpACustomerWhoHasDoneAllThatTheCatalogCounts() {
    FeaturePlan plan = FeaturePlan.of(Catalog.retail());
    MadeUpCustomer somebody = new MadeUpCustomer(plan, CLOCK);

    byte[][] groups = new byte[plan.all().groups().size()][0];
    assertThat(plan.describe(somebody.state().summary(), groups, CLOCK.millis()).eventTypes())
        .hasSameSizeAs(plan.catalog().eventTypes())
        .allSatisfy(type -> assertThat(type.events()).isEqualTo(MadeUpCustomer.EVENTS));
  }

  private FeatureStoreSettings settings(RedisProcess redis, Duration warmUp) {
    return new FeatureStoreSettings(
        new ServerSettings(
            ANY_PORT, ServerSettings.DEFAULT_MAX_MESSAGE_BYTES, Duration.ofSeconds(1), warmUp),
        RedisSettings.on(redis.uri()),
        ChangeSettings.DEFAULT,
        Catalog.retail(),
        folder.resolve("models"),
        FeatureStoreSettings.DEFAULT_STATISTICS_ROWS);
  }

  private static GetFeaturesResponse read(FeatureStoreServer server, String... customers) {
    ManagedChannel channel = Channels.open(server.address());
    try {
      return FeatureStoreGrpc.newBlockingStub(channel)
          .getFeatures(
              GetFeaturesRequest.newBuilder().addAllCustomerIds(List.of(customers)).build());
    } finally {
      Channels.close(channel);
    }
  }
}
