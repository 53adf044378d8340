package io.clientele.featurestore;

import static io.clientele.featurestore.TestingEvents.NOW;
import static io.clientele.featurestore.TestingEvents.order;
import static io.clientele.featurestore.TestingEvents.view;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.Timestamps;
import io.clientele.featurestore.store.ChangeSettings;
import io.clientele.featurestore.store.RedisProcess;
import io.clientele.featurestore.store.RedisSettings;
import io.clientele.featurestore.v1.Change;
import io.clientele.featurestore.v1.Correction;
import io.clientele.featurestore.v1.CustomerStatus;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.ForgetCustomerRequest;
import io.clientele.featurestore.v1.ForgetCustomerResponse;
import io.clientele.featurestore.v1.RecordEventsResponse;
import io.clientele.featurestore.v1.Verdict;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

final class ForgetCustomerTest {
  private static final ChangeSettings CHANGES = new ChangeSettings(1_024, Duration.ofDays(30));

  @TempDir private static Path directory;
  private static RedisProcess redis;
  private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
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
    store = start(CHANGES);
  }

  @AfterEach
  void close() {
    store.close();
    admin.close();
  }

  private TestingFeatureStore start(ChangeSettings changes) {
    return new TestingFeatureStore(RedisSettings.on(redis.uri()), changes, directory, now::get);
  }

  private ForgetCustomerResponse forget(String customer) {
    return store
        .stub()
        .forgetCustomer(ForgetCustomerRequest.newBuilder().setCustomerId(customer).build());
  }

  private RecordEventsResponse record(Event... events) {
    return TestingProducer.record(store.channel(), events);
  }

  private static Event before(String customer, int number) {
    return order(customer, "o" + number, NOW.minus(Duration.ofHours(number)), 10).build();
  }

  @Test
  void leavesNothingThatNamesTheCustomer() {
    record(before("alice-from-berlin", 1), view("alice-from-berlin", "v1", NOW).build());
    record(before("alice-from-berlin", 2));
    record(before("bob", 1));

    forget("alice-from-berlin");

    assertThat(wholeRedis()).doesNotContain("alice-from-berlin").contains("bob");
    assertThat(store.features("alice-from-berlin", "bob").getCustomersList())
        .containsExactly(CustomerStatus.UNKNOWN, CustomerStatus.FOUND);
  }

  @Test
  void givesAReceiptOfWhatWasRemoved() {
    record(before("alice", 1), before("alice", 2), view("alice", "v1", NOW).build());
    record(before("alice", 3));

    ForgetCustomerResponse receipt = forget("alice");

    assertThat(receipt.getExisted()).isTrue();
    assertThat(receipt.getCustomerDigest()).isEqualTo(HexFormat.of().formatHex(digest("alice")));
    assertThat(receipt.getFeatureVersion()).isEqualTo(3);
    assertThat(receipt.getFeedEntries()).isEqualTo(2);
    assertThat(receipt.getStateBytes()).isPositive();
    assertThat(receipt.getForgottenAt()).isEqualTo(TestingEvents.timestamp(NOW));
    assertThat(Timestamps.between(receipt.getForgottenAt(), receipt.getTombstoneUntil()))
        .extracting(com.google.protobuf.Duration::getSeconds)
        .isEqualTo(Duration.ofDays(30).toSeconds());
    assertThat(receipt.getEventTypesList())
        .extracting(type -> type.getType() + " " + type.getEvents())
        .containsExactly("order 3", "view 1");
  }

  @Test
  void refusesWhatHappenedBeforeAndTakesWhatHappensAfterwards() {
    record(before("alice", 1));
    forget("alice");
    RecordEventsResponse late = record(before("alice", 1), before("alice", 2));
    now.set(NOW.plus(Duration.ofHours(1)));
    RecordEventsResponse back = record(order("alice", "o9", now.get(), 10).build());
    RecordEventsResponse later = record(before("alice", 3));

    assertThat(late.getVerdictsList()).containsOnly(Verdict.FORGOTTEN);
    assertThat(late.getReasons(0).getField()).isEqualTo("event_time");
    assertThat(late.getReasons(0).getMessage()).contains("since the customer was forgotten");
    assertThat(back.getVerdictsList()).containsExactly(Verdict.APPLIED);
    assertThat(back.getFeatureVersionsList()).containsExactly(3L);
    assertThat(later.getVerdictsList()).containsExactly(Verdict.FORGOTTEN);
  }

  @Test
  void isNotBroughtBackByACancellation() {
    record(before("alice", 1));
    forget("alice");
    now.set(NOW.plus(Duration.ofHours(1)));
    Event cancelled =
        before("alice", 1).toBuilder()
            .setCorrection(
                Correction.newBuilder()
                    .setKind(Correction.Kind.CANCEL)
                    .setCorrectedAt(TestingEvents.timestamp(now.get())))
            .build();

    assertThat(record(cancelled).getVerdictsList()).containsExactly(Verdict.FORGOTTEN);
    assertThat(store.features("alice").getCustomers(0)).isEqualTo(CustomerStatus.UNKNOWN);
  }

  @Test
  void refusesEventsThatWereAheadOfTheClock() {
    Event ahead = order("alice", "o1", NOW.plus(Duration.ofMinutes(4)), 10).build();
    forget("alice");

    assertThat(record(ahead).getVerdictsList()).containsExactly(Verdict.FORGOTTEN);
  }

  @Test
  void forgetsACustomerWhoIsNotKnownYet() {
    ForgetCustomerResponse receipt = forget("carol");

    assertThat(receipt.getExisted()).isFalse();
    assertThat(record(before("carol", 1)).getVerdictsList()).containsExactly(Verdict.FORGOTTEN);
    assertThat(store.features("carol").getCustomers(0)).isEqualTo(CustomerStatus.UNKNOWN);
  }

  @Test
  void letsEventsInAgainWhenTheTombstoneIsGone() throws InterruptedException {
    try (var shortly = start(new ChangeSettings(1_024, Duration.ofMillis(200)))) {
      shortly
          .stub()
          .forgetCustomer(ForgetCustomerRequest.newBuilder().setCustomerId("alice").build());
      assertThat(admin.keys("*:t:*")).hasSizeLessThanOrEqualTo(1);
      while (!admin.keys("*:t:*").isEmpty()) {
        Thread.sleep(10);
      }
      assertThat(TestingProducer.record(shortly.channel(), before("alice", 1)).getVerdictsList())
          .containsExactly(Verdict.APPLIED);
    }
  }

  @Test
  void tellsWatchersByDigest() {
    try (var watcher = TestingWatcher.live(store.channel())) {
      record(before("alice", 1));
      watcher.changes(1);
      forget("alice");

      assertThat(watcher.changes(1))
          .containsExactly(
              Change.newBuilder()
                  .setForgottenDigest(ByteString.copyFrom(digest("alice")))
                  .setFeatureVersion(2)
                  .build());
    }
  }

  @Test
  void staysForgottenWithEventsInFlight() {
    List<Event> log = new ArrayList<>();
    for (int i = 0; i < 4_000; i++) {
      log.add(before("customer-" + i % 20, i));
    }
    List<CompletableFuture<?>> producers = new ArrayList<>();
    try (var other = start(CHANGES)) {
      for (TestingFeatureStore through : List.of(store, other)) {
        producers.add(
            CompletableFuture.runAsync(
                () -> TestingProducer.recordAll(through.channel(), log, 25)));
      }
      for (int i = 0; i < 20; i++) {
        forget("customer-" + i);
      }
      producers.forEach(CompletableFuture::join);
    }

    String[] all = new String[20];
    Arrays.setAll(all, i -> "customer-" + i);
    assertThat(store.features(all).getCustomersList()).containsOnly(CustomerStatus.UNKNOWN);
    assertThat(wholeRedis()).doesNotContain("customer-");
  }

  @Test
  void refusesAnIdThatIsNone() {
    StatusRuntimeException refused =
        catchThrowableOfType(StatusRuntimeException.class, () -> forget(""));

    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refused).hasMessageContaining("customer_id");
  }

  /** Every key, and what is in it, as text. */
  private String wholeRedis() {
    var text = new StringBuilder();
    for (String key : admin.keys("*")) {
      text.append(key).append('\n');
      switch (admin.type(key)) {
        case "hash" -> text.append(admin.hgetAll(key));
        case "stream" -> text.append(admin.xrange(key, "-", "+"));
        default -> text.append(admin.get(key));
      }
    }
    return text.toString();
  }

  private static byte[] digest(String customer) {
    try {
      byte[] sha =
          MessageDigest.getInstance("SHA-256").digest(customer.getBytes(StandardCharsets.UTF_8));
      return Arrays.copyOf(sha, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
