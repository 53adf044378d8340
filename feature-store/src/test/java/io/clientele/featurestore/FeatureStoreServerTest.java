package io.clientele.featurestore;

import static io.clientele.featurestore.TestingEvents.NOW;
import static io.clientele.featurestore.TestingEvents.batch;
import static io.clientele.featurestore.TestingEvents.order;
import static io.clientele.featurestore.TestingEvents.view;
import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.featurestore.store.RedisProcess;
import io.clientele.featurestore.store.RedisSettings;
import io.clientele.featurestore.v1.CustomerStatus;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.GetCatalogRequest;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import io.clientele.featurestore.v1.RecordEventsResponse;
import io.clientele.featurestore.v1.Verdict;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FeatureStoreServerTest {
  @TempDir private static Path directory;
  private static RedisProcess redis;
  private static TestingFeatureStore store;

  @BeforeAll
  static void start() throws IOException {
    redis = RedisProcess.start(directory, 0);
    store =
        new TestingFeatureStore(
            RedisSettings.on(redis.uri()), directory.resolve("models"), new TestingClock(NOW));
    store.awaitHealth(ServingStatus.SERVING);
  }

  @AfterAll
  static void stop() {
    store.close();
    redis.close();
  }

  @Test
  void countsAnEventOnce() {
    Event event = order("once", "o1", NOW.minus(Duration.ofDays(2)), 12.5).build();

    RecordEventsResponse first = TestingProducer.record(store.channel(), event);
    RecordEventsResponse second = TestingProducer.record(store.channel(), event);

    assertThat(first.getVerdictsList()).containsExactly(Verdict.APPLIED);
    assertThat(first.getFeatureVersionsList()).containsExactly(1L);
    assertThat(second.getVerdictsList()).containsExactly(Verdict.DUPLICATE);
    assertThat(second.getFeatureVersionsList()).containsExactly(1L);
    assertThat(feature("once", "orders_lifetime")).isEqualTo(1);
    assertThat(feature("once", "spend_30d")).isEqualTo(12.5f);
  }

  @Test
  void knowsADuplicateWithinABatch() {
    Event event = order("twice", "o1", NOW, 1).build();

    RecordEventsResponse answer = TestingProducer.record(store.channel(), event, event);

    assertThat(answer.getVerdictsList()).containsExactly(Verdict.APPLIED, Verdict.DUPLICATE);
    assertThat(feature("twice", "orders_lifetime")).isEqualTo(1);
  }

  @Test
  void saysWhatIsWrongWithAnEventAndGoesOn() {
    try (var producer = new TestingProducer(store.channel())) {
      producer.send(
          batch(
              7,
              List.of(
                  order("bad", "nan", NOW, Double.NaN).build(),
                  order("bad", "infinite", NOW, Double.POSITIVE_INFINITY).build(),
                  order("bad", "missing", NOW, 1).removeMeasures("amount").build(),
                  view("bad", "type", NOW).setType("wink").build(),
                  order("bad", "future", NOW.plus(Duration.ofMinutes(6)), 1).build(),
                  order("bad", "old", NOW.minus(Duration.ofDays(1_096)), 1).build(),
                  order("bad", "no-time", NOW, 1).clearEventTime().build(),
                  order("bad", "", NOW, 1).build(),
                  order("", "nobody", NOW, 1).build(),
                  order("x".repeat(257), "long", NOW, 1).build(),
                  order("good", "o1", NOW, 1).build())));
      RecordEventsResponse answer = producer.answer();

      assertThat(answer.getSequence()).isEqualTo(7);
      assertThat(answer.getVerdictsList())
          .containsExactly(
              Verdict.REJECTED,
              Verdict.REJECTED,
              Verdict.REJECTED,
              Verdict.REJECTED,
              Verdict.REJECTED,
              Verdict.TOO_OLD,
              Verdict.REJECTED,
              Verdict.REJECTED,
              Verdict.REJECTED,
              Verdict.REJECTED,
              Verdict.APPLIED);
      assertThat(answer.getFeatureVersionsList())
          .containsExactly(0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 1L);
      assertThat(answer.getReasonsList())
          .extracting(reason -> reason.getIndex() + " " + reason.getField())
          .containsExactly(
              "0 measures.amount",
              "1 measures.amount",
              "2 measures.amount",
              "3 type",
              "4 event_time",
              "5 event_time",
              "6 event_time",
              "7 event_id",
              "8 customer_id",
              "9 customer_id");
      assertThat(answer.getReasons(0).getMessage()).isEqualTo("NaN (expected: a finite number)");
      assertThat(answer.getReasons(3).getMessage()).contains("wink").contains("cart, order");
      assertThat(answer.getReasons(4).getMessage()).contains("360000 ms").contains("300000 ms");

      producer.send(batch(8, List.of(order("good", "o2", NOW, 1).build())));
      assertThat(producer.answer().getVerdictsList()).containsExactly(Verdict.APPLIED);
    }
  }

  @Test
  void answersBatchesInTheirOrder() {
    List<Event> log = TestingEvents.log(1, 50, 2_000);

    List<RecordEventsResponse> answers = TestingProducer.recordAll(store.channel(), log, 50);

    assertThat(answers).extracting(RecordEventsResponse::getSequence).isSorted().hasSize(40);
    assertThat(answers)
        .flatMap(RecordEventsResponse::getVerdictsList)
        .containsOnly(Verdict.APPLIED);
  }

  @Test
  void answersAnEmptyBatch() {
    assertThat(TestingProducer.recordAll(store.channel(), List.of(), 1)).isEmpty();
    try (var producer = new TestingProducer(store.channel())) {
      producer.send(batch(3, List.of()));
      assertThat(producer.answer().getSequence()).isEqualTo(3);
    }
  }

  @Test
  void endsTheStreamOnATooLargeBatchAfterTheAnswersBeforeIt() {
    try (var producer = new TestingProducer(store.channel())) {
      Event event = order("large", "o1", NOW, 1).build();
      producer.send(batch(1, List.of(event)));
      producer.send(batch(2, Collections.nCopies(1_001, event)));

      assertThat(producer.answer().getSequence()).isEqualTo(1);
      assertThat(producer.end().toString())
          .contains("INVALID_ARGUMENT")
          .contains("1001 events (expected: at most 1000)");
    }
  }

  @Test
  void readsCustomersInTheOrderAskedAndMarksTheUnknown() {
    TestingProducer.record(
        store.channel(),
        order("reader-a", "o1", NOW, 10).build(),
        order("reader-b", "o1", NOW, 20).build());

    GetFeaturesResponse answer = store.features("reader-b", "nobody", "reader-a", "reader-b");

    assertThat(answer.getCustomersList())
        .containsExactly(
            CustomerStatus.FOUND,
            CustomerStatus.UNKNOWN,
            CustomerStatus.FOUND,
            CustomerStatus.FOUND);
    assertThat(answer.getFeatureVersionsList()).containsExactly(1L, 0L, 1L, 1L);
    int spend = answer.getFeatureNamesList().indexOf("spend_lifetime");
    assertThat(List.of(value(answer, 0, spend), value(answer, 1, spend), value(answer, 2, spend)))
        .containsExactly(20f, 0f, 10f);
    int recency = answer.getFeatureNamesList().indexOf("days_since_last_order");
    assertThat(isPresent(answer, 0, recency)).isTrue();
    assertThat(isPresent(answer, 1, recency)).isFalse();
  }

  @Test
  void tellsItsCatalog() {
    var catalog = store.stub().getCatalog(GetCatalogRequest.getDefaultInstance());

    assertThat(catalog.getCatalogHash()).isEqualTo(store.features("x").getCatalogHash());
    assertThat(catalog.getFeaturesList()).hasSize(store.features("x").getFeatureNamesCount());
    assertThat(catalog.getEventTypesList())
        .extracting(type -> type.getName() + type.getMeasuresList() + type.getDimensionsList())
        .contains("order[amount, items][category]");
  }

  @Test
  void countsMissingFeaturesOfKnownCustomers() {
    TestingProducer.record(store.channel(), order("one order", "o1", NOW, 1).build());
    long before = missing("order_gap_mean_days");
    long orders = missing("orders_30d");
    long carts = missing("cart_rate_30d");

    store.features("one order", "nobody", "one order");

    assertThat(missing("order_gap_mean_days") - before).isEqualTo(2);
    assertThat(missing("orders_30d") - orders).isZero();
    assertThat(missing("cart_rate_30d") - carts).isEqualTo(2);
  }

  private static long missing(String feature) {
    String metric = "clientele_feature_missing_total{feature=\"" + feature + "\"} ";
    return store
        .metrics()
        .lines()
        .filter(line -> line.startsWith(metric))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(metric.length())))
        .sum();
  }

  @Test
  void countsEventsRowsAndWhereTheTimeGoes() {
    TestingProducer.record(
        store.channel(),
        order("counted", "o1", NOW, 1).build(),
        view("counted", "v1", NOW).setType("wink").build());
    store.features("counted", "nobody");

    assertThat(store.metrics())
        .containsPattern("clientele_events_total\\{type=\"order\",verdict=\"applied\"} [1-9]")
        .containsPattern("clientele_events_total\\{type=\"unknown\",verdict=\"rejected\"} [1-9]")
        .containsPattern("clientele_feature_rows_total\\{status=\"found\"} [1-9]")
        .containsPattern("clientele_feature_rows_total\\{status=\"unknown\"} [1-9]")
        .contains("{service=\"feature-store\",stage=\"read-queue\"")
        .contains("{service=\"feature-store\",stage=\"read-redis\"")
        .contains("{service=\"feature-store\",stage=\"read-compute\"")
        .contains("{service=\"feature-store\",stage=\"write-queue\"")
        .contains("{service=\"feature-store\",stage=\"write-redis\"")
        .contains("{service=\"feature-store\",stage=\"write-compute\"");
  }

  private static float feature(String customer, String name) {
    GetFeaturesResponse answer = store.features(customer);
    return value(answer, 0, answer.getFeatureNamesList().indexOf(name));
  }

  static float value(GetFeaturesResponse answer, int row, int column) {
    int columns = answer.getFeatureNamesCount();
    return answer
        .getValues()
        .asReadOnlyByteBuffer()
        .order(ByteOrder.LITTLE_ENDIAN)
        .getFloat((row * columns + column) * Float.BYTES);
  }

  static boolean isPresent(GetFeaturesResponse answer, int row, int column) {
    int bytes = (answer.getFeatureNamesCount() + 7) / 8;
    return (answer.getPresence().byteAt(row * bytes + column / 8) >> (column % 8) & 1) == 1;
  }
}
