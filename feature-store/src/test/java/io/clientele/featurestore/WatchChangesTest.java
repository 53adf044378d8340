package io.clientele.featurestore;

import static io.clientele.featurestore.TestingEvents.NOW;
import static io.clientele.featurestore.TestingEvents.order;
import static io.clientele.featurestore.TestingEvents.view;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.clientele.featurestore.store.ChangeSettings;
import io.clientele.featurestore.store.RedisProcess;
import io.clientele.featurestore.store.RedisSettings;
import io.clientele.featurestore.v1.Change;
import io.clientele.featurestore.v1.Event;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.params.ClientKillParams;

final class WatchChangesTest {
  @TempDir private static Path directory;
  private static RedisProcess redis;
  private TestingFeatureStore store;
  private Jedis admin;

  @BeforeAll
  static void startRedis() throws IOException {
    redis = RedisProcess.start(directory, 0);
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @BeforeEach
  void open() {
    admin = new Jedis(redis.uri());
    admin.flushAll();
    store = start(RedisSettings.on(redis.uri()), ChangeSettings.DEFAULT);
  }

  @AfterEach
  void close() {
    store.close();
    admin.close();
  }

  private static TestingFeatureStore start(RedisSettings settings, ChangeSettings changes) {
    return new TestingFeatureStore(settings, changes, directory, InstantSource.fixed(NOW));
  }

  private static Event orderOf(String customer, int number) {
    return order(customer, "o" + number, NOW.minus(Duration.ofMinutes(number)), 10).build();
  }

  @Test
  void tellsWhoChangedToWhichVersionAndWhat() {
    try (var watcher = TestingWatcher.live(store.channel())) {
      TestingProducer.record(
          store.channel(), orderOf("alice", 1), view("alice", "v1", NOW).build());
      TestingProducer.record(store.channel(), orderOf("alice", 2));

      assertThat(watcher.changes(2))
          .containsExactly(
              Change.newBuilder()
                  .setCustomerId("alice")
                  .setFeatureVersion(1)
                  .addWhat("order")
                  .addWhat("view")
                  .build(),
              Change.newBuilder()
                  .setCustomerId("alice")
                  .setFeatureVersion(2)
                  .addWhat("order")
                  .build());
    }
  }

  @Test
  void tellsNothingOfWhatChangedNothing() {
    try (var watcher = TestingWatcher.live(store.channel())) {
      TestingProducer.record(store.channel(), orderOf("alice", 1));
      TestingProducer.record(store.channel(), orderOf("alice", 1)); // a duplicate
      TestingProducer.record(store.channel(), orderOf("alice", 2));

      assertThat(watcher.changes(2)).extracting(Change::getFeatureVersion).containsExactly(1L, 2L);
    }
  }

  @Test
  void tellsWhatAnotherServerWrote() {
    try (var other = start(RedisSettings.on(redis.uri()), ChangeSettings.DEFAULT);
        var watcher = TestingWatcher.live(store.channel())) {
      TestingProducer.record(other.channel(), orderOf("bob", 1));

      assertThat(watcher.changes(1)).extracting(Change::getCustomerId).containsExactly("bob");
    }
  }

  @Test
  void resumesWhereItWasLeft() {
    ByteString token;
    try (var watcher = TestingWatcher.live(store.channel())) {
      TestingProducer.record(store.channel(), orderOf("alice", 1));
      watcher.changes(1);
      token = watcher.token();
    }
    List<Event> meanwhile = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      meanwhile.add(orderOf("customer-" + i % 700, i));
    }
    TestingProducer.recordAll(store.channel(), meanwhile, 100);

    try (var watcher = new TestingWatcher(store.channel(), token)) {
      List<Change> missed = watcher.changes(2_000);
      assertThat(missed).noneMatch(change -> change.getCustomerId().equals("alice"));
      assertThat(missed)
          .filteredOn(change -> change.getCustomerId().equals("customer-7"))
          .extracting(Change::getFeatureVersion)
          .containsExactly(1L, 2L, 3L);
      assertThat(watcher.gap()).isFalse();

      TestingProducer.record(store.channel(), orderOf("carol", 1));
      assertThat(watcher.changes(1)).extracting(Change::getCustomerId).containsExactly("carol");
    }
  }

  @Test
  void tellsOfAGapWhenTheFeedHasForgottenWhatWasMissed() {
    RedisSettings one = RedisSettings.on(redis.uri()).withBuckets(1);
    store.close(); // or it would say again how many buckets there are
    admin.flushAll();
    store = start(one, new ChangeSettings(1, Duration.ofDays(30)));
    ByteString token;
    try (var watcher = TestingWatcher.live(store.channel())) {
      TestingProducer.record(store.channel(), orderOf("alice", 1));
      watcher.changes(1);
      token = watcher.token();
    }
    for (int i = 0; i < 300; i++) {
      TestingProducer.record(store.channel(), orderOf("bob", i));
    }

    try (var watcher = new TestingWatcher(store.channel(), token)) {
      assertThat(watcher.next().getGap()).isTrue();
      TestingProducer.record(store.channel(), orderOf("carol", 1));
      assertThat(watcher.changes(1)).extracting(Change::getCustomerId).containsExactly("carol");
    }
  }

  @Test
  void tellsOfAGapWhenRedisHasLostWhatItKnew() {
    try (var watcher = TestingWatcher.live(store.channel())) {
      TestingProducer.record(store.channel(), orderOf("alice", 1));
      watcher.changes(1);
      admin.flushAll();

      watcher.awaitGap();
    }
  }

  @Test
  void endsWhileRedisIsAwayAndTellsOfAGapAfterwards() throws IOException {
    ByteString token;
    try (var watcher = TestingWatcher.live(store.channel())) {
      TestingProducer.record(store.channel(), orderOf("alice", 1));
      watcher.changes(1);
      token = watcher.token();
      redis.close();

      assertThat(watcher.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }
    store.awaitHealth(ServingStatus.NOT_SERVING);
    redis = RedisProcess.start(directory, redis.port());
    store.awaitHealth(ServingStatus.SERVING);
    try (var watcher = new TestingWatcher(store.channel(), token)) {
      assertThat(watcher.next().getGap()).isTrue();
      TestingProducer.record(store.channel(), orderOf("alice", 2));
      assertThat(watcher.changes(1)).extracting(Change::getFeatureVersion).containsExactly(2L);
    }
  }

  @Test
  void goesOnWhenTheConnectionThatHearsOfChangesIsLost() {
    try (var watcher = TestingWatcher.live(store.channel())) {
      for (int i = 1; i <= 3; i++) {
        admin.clientKill(ClientKillParams.clientKillParams().type(ClientType.PUBSUB));
        TestingProducer.record(store.channel(), orderOf("alice", i));
        assertThat(watcher.changes(1))
            .extracting(Change::getFeatureVersion)
            .containsExactly((long) i);
      }
      assertThat(watcher.gap()).isFalse();
    }
  }

  @Test
  void saysThatItIsLiveWhenNothingChanges() {
    try (var watcher = TestingWatcher.live(store.channel())) {
      assertThat(watcher.next().getChangesList()).isEmpty();
      assertThat(watcher.next().getChangesList()).isEmpty();
    }
  }

  @Test
  void refusesATokenThatIsNone() {
    try (var watcher = new TestingWatcher(store.channel(), ByteString.copyFromUtf8("token"))) {
      Status end = watcher.end();
      assertThat(end.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(end.getDescription()).contains("token: 5 bytes");
    }
  }
}
