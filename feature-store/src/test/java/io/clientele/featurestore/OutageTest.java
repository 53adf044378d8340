package io.clientele.featurestore;

import static io.clientele.featurestore.TestingEvents.NOW;
import static io.clientele.featurestore.TestingEvents.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import io.clientele.featurestore.store.RedisAccess;
import io.clientele.featurestore.store.RedisProcess;
import io.clientele.featurestore.store.RedisSettings;
import io.clientele.featurestore.v1.CustomerStatus;
import io.clientele.featurestore.v1.DescribeCustomerRequest;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import io.clientele.featurestore.v1.RecordEventsResponse;
import io.clientele.featurestore.v1.Verdict;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

final class OutageTest {
  @TempDir private Path directory;
  private RedisProcess redis;
  private TestingFeatureStore store;

  @BeforeEach
  void start() throws IOException {
    redis = RedisProcess.start(directory, 0);
    store = store(redis.uri());
    store.awaitHealth(ServingStatus.SERVING);
  }

  @AfterEach
  void stop() {
    store.close();
    redis.close();
  }

  private TestingFeatureStore store(URI uri) {
    return new TestingFeatureStore(RedisSettings.on(uri), directory, new TestingClock(NOW));
  }

  @Test
  void keepsEveryAcknowledgedEventWhenRedisIsKilled() throws IOException {
    List<Event> log = TestingEvents.log(1, 200, 4_000);
    TestingProducer.recordAll(store.channel(), log, 200);
    var before = ConvergenceTest.stored(redis.uri());

    killRedis();
    restartRedis();

    assertThat(ConvergenceTest.stored(redis.uri())).isEqualTo(before);
    store.awaitHealth(ServingStatus.SERVING);
    assertThat(TestingProducer.recordAll(store.channel(), log, 500))
        .flatMap(RecordEventsResponse::getVerdictsList)
        .containsOnly(Verdict.DUPLICATE);
  }

  @Test
  void countsEachEventOnceThoughRedisIsKilledUnderLoad() throws IOException {
    List<Event> log = TestingEvents.log(2, 100, 20_000);
    List<List<Event>> batches = TestingEvents.batches(log, 50);
    int answered = 0;
    try (var producer = new TestingProducer(store.channel())) {
      for (int i = 0; i < batches.size(); i++) {
        producer.send(TestingEvents.batch(i, batches.get(i)));
      }
      producer.answer();
      killRedis();
      assertThat(producer.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      answered = 1 + producer.answersLeft();
    }
    assertThat(answered).isLessThan(batches.size());
    store.awaitHealth(ServingStatus.NOT_SERVING);

    restartRedis();
    store.awaitHealth(ServingStatus.SERVING);

    List<RecordEventsResponse> answers = TestingProducer.recordAll(store.channel(), log, 50);
    assertThat(answers.subList(0, answered))
        .flatMap(RecordEventsResponse::getVerdictsList)
        .containsOnly(Verdict.DUPLICATE);
    assertThat(answers)
        .flatMap(RecordEventsResponse::getVerdictsList)
        .containsOnly(Verdict.APPLIED, Verdict.DUPLICATE);
    assertThat(events()).isEqualTo(log.size());
  }

  @Test
  void failsInTimeWhileRedisHangsAndRecovers() throws Exception {
    Event event = order("alice", "o1", NOW, 1).build();
    signal("STOP");
    try {
      assertThatThrownBy(() -> store.features("alice"))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessageContaining("UNAVAILABLE: redis is unavailable");
      try (var producer = new TestingProducer(store.channel())) {
        producer.send(TestingEvents.batch(1, List.of(event)));
        assertThat(producer.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      }
      store.awaitHealth(ServingStatus.NOT_SERVING);
    } finally {
      signal("CONT");
    }
    store.awaitHealth(ServingStatus.SERVING);
    assertThat(TestingProducer.record(store.channel(), event).getVerdicts(0))
        .isIn(Verdict.APPLIED, Verdict.DUPLICATE);
    assertThat(events()).isEqualTo(1);
  }

  @Test
  void startsWhileRedisIsAwayAndServesOnceItIsThere() throws IOException {
    URI uri;
    try (var free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      uri = URI.create("redis://127.0.0.1:" + free.getLocalPort());
    }
    try (TestingFeatureStore early = store(uri)) {
      early.awaitHealth(ServingStatus.NOT_SERVING);
      assertThatThrownBy(() -> early.features("alice"))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessageContaining("UNAVAILABLE");

      try (RedisProcess late = RedisProcess.start(directory.resolve("late"), uri.getPort())) {
        early.awaitHealth(ServingStatus.SERVING);
        assertThat(late.port()).isEqualTo(uri.getPort());
        assertThat(early.features("alice").getCustomersList())
            .containsExactly(CustomerStatus.UNKNOWN);
      }
    }
  }

  @Test
  void refusesReadsAtOnceWhenTooManyWait() throws Exception {
    List<String> customers = Collections.nCopies(1_000, "alice");
    var full =
        new RedisSettings(
            redis.uri(),
            RedisAccess.BY_URI,
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            RedisSettings.DEFAULT_BUCKETS,
            1,
            1,
            1_000,
            1_000,
            0,
            0);
    try (var small = new TestingFeatureStore(full, directory, new TestingClock(NOW))) {
      small.awaitHealth(ServingStatus.SERVING);
      List<ListenableFuture<GetFeaturesResponse>> reads = new ArrayList<>();
      signal("STOP");
      try {
        var stub = FeatureStoreGrpc.newFutureStub(small.channel());
        for (int i = 0; i < 10; i++) {
          reads.add(
              stub.getFeatures(
                  GetFeaturesRequest.newBuilder().addAllCustomerIds(customers).build()));
        }
        // Two may be on a trip, one may wait.
        for (Future<?> refused : Futures.inCompletionOrder(reads).subList(0, 7)) {
          assertThatThrownBy(() -> refused.get(30, TimeUnit.SECONDS))
              .hasMessageContaining("RESOURCE_EXHAUSTED: read queue is full (limit: 1000)");
        }
      } finally {
        signal("CONT");
      }
      assertThat(Futures.successfulAsList(reads).get(30, TimeUnit.SECONDS))
          .filteredOn(Objects::nonNull)
          .isNotEmpty();
    }
  }

  private void killRedis() {
    ProcessHandle process = ProcessHandle.of(redis.pid()).orElseThrow();
    process.destroyForcibly();
    process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
  }

  private void restartRedis() throws IOException {
    int port = redis.port();
    redis.close();
    redis = RedisProcess.start(directory, port);
  }

  private void signal(String name) throws IOException, InterruptedException {
    var kill = new ProcessBuilder("kill", "-" + name, Long.toString(redis.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }

  /** All events that any customer's state holds. */
  private long events() {
    long events = 0;
    try (var client = new Jedis(redis.uri())) {
      for (String key : client.keys("{b*}:c:*")) {
        String customer = key.substring(key.indexOf("}:c:") + 4);
        events +=
            store
                .stub()
                .describeCustomer(
                    DescribeCustomerRequest.newBuilder().setCustomerId(customer).build())
                .getEventTypesList()
                .stream()
                .mapToLong(type -> type.getEvents())
                .sum();
      }
    }
    return events;
  }
}
