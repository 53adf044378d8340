package io.clientele.featurestore;

import static io.clientele.featurestore.TestingEvents.NOW;
import static io.clientele.featurestore.TestingEvents.order;
import static io.clientele.featurestore.TestingEvents.timestamp;
import static io.clientele.featurestore.TestingWriter.CATALOG;
import static io.clientele.featurestore.TestingWriter.mails;
import static io.clientele.featurestore.TestingWriter.profile;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.clientele.feast.serving.FeatureList;
import io.clientele.feast.serving.FieldStatus;
import io.clientele.feast.serving.GetOnlineFeaturesRequest;
import io.clientele.feast.serving.GetOnlineFeaturesResponse;
import io.clientele.feast.serving.ServingServiceGrpc;
import io.clientele.feast.types.RepeatedValue;
import io.clientele.feast.types.Value;
import io.clientele.featurestore.store.RedisProcess;
import io.clientele.featurestore.store.RedisSettings;
import io.clientele.featurestore.v1.FeatureStatistics;
import io.clientele.featurestore.v1.GetFeatureStatisticsRequest;
import io.clientele.featurestore.v1.GetFeatureStatisticsResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/**
 * How stale values and damaged customers reach Feast's clients and the statistics: alice's profile
 * is of yesterday, bob's is older than its group's 30 days, carol's state is damaged.
 */
final class StaleFeaturesTest {
  private static final Instant YESTERDAY = NOW.minus(Duration.ofDays(1));
  private static final Instant LONG_AGO = NOW.minus(Duration.ofDays(31));
  private static final Timestamp NEVER = Timestamp.getDefaultInstance();

  @TempDir private Path directory;
  private RedisProcess redis;
  private TestingFeatureStore store;

  @BeforeEach
  void start() throws IOException {
    redis = RedisProcess.start(directory.resolve("redis"), 0);
    store =
        new TestingFeatureStore(
            RedisSettings.on(redis.uri()), CATALOG, directory, new TestingClock(NOW));
    store.awaitHealth(ServingStatus.SERVING);
    TestingWriter.write(
        store.channel(),
        profile("alice", YESTERDAY, 31, "west"),
        profile("bob", LONG_AGO, 52, "east"),
        mails("bob", LONG_AGO, "yes"));
    TestingProducer.record(store.channel(), order("carol", "o1", YESTERDAY, 5).build());
    try (var admin = new Jedis(redis.uri())) {
      String carol =
          admin.keys("{b*}:c:*").stream()
              .filter(key -> key.endsWith("carol"))
              .findFirst()
              .orElseThrow();
      admin.hset(carol, "s", "not a state");
    }
  }

  @AfterEach
  void stop() {
    store.close();
    redis.close();
  }

  @Test
  void areOutsideMaxAgeToAClientOfFeast() {
    GetOnlineFeaturesResponse answer =
        online(List.of("profile:age_years", "consent:mails"), "alice", "bob", "carol", "nobody");

    assertThat(answer.getResults(1).getStatusesList())
        .containsExactly(
            FieldStatus.PRESENT,
            FieldStatus.OUTSIDE_MAX_AGE,
            FieldStatus.INVALID,
            FieldStatus.NOT_FOUND);
    assertThat(answer.getResults(1).getValuesList())
        .extracting(Value::getFloatVal)
        .containsExactly(31f, 52f, 0f, 0f);
    assertThat(answer.getResults(1).getEventTimestampsList())
        .containsExactly(timestamp(YESTERDAY), timestamp(LONG_AGO), NEVER, NEVER);
    assertThat(answer.getResults(2).getStatusesList()) // of any age
        .containsExactly(
            FieldStatus.NULL_VALUE,
            FieldStatus.PRESENT,
            FieldStatus.INVALID,
            FieldStatus.NOT_FOUND);
  }

  @Test
  void areCountedAsStaleAndTheDamagedNotAtAll() {
    store.features("alice", "bob", "carol", "nobody");

    GetFeatureStatisticsResponse statistics =
        store
            .stub()
            .getFeatureStatistics(
                GetFeatureStatisticsRequest.newBuilder()
                    .addNames("age_years")
                    .addNames("mails")
                    .build());

    assertThat(statistics.getRowsRead()).isEqualTo(2);
    assertThat(statistics.getRowsSampled()).isEqualTo(2);
    FeatureStatistics years = statistics.getFeatures(0);
    assertThat(years.getCount()).isEqualTo(2);
    assertThat(years.getMissing()).isZero();
    assertThat(years.getStale()).isEqualTo(1);
    assertThat(years.getMax()).isEqualTo(52); // stale values are values
    FeatureStatistics mails = statistics.getFeatures(1);
    assertThat(mails.getCount()).isEqualTo(2);
    assertThat(mails.getMissing()).isEqualTo(1);
    assertThat(mails.getStale()).isZero();
  }

  private GetOnlineFeaturesResponse online(List<String> features, String... customers) {
    var ids = RepeatedValue.newBuilder();
    for (String customer : customers) {
      ids.addVal(Value.newBuilder().setStringVal(customer));
    }
    return ServingServiceGrpc.newBlockingStub(store.channel())
        .getOnlineFeatures(
            GetOnlineFeaturesRequest.newBuilder()
                .putEntities("customer", ids.build())
                .setFeatures(FeatureList.newBuilder().addAllVal(features))
                .build());
  }
}
