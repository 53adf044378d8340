package io.clientele.featurestore;

import static io.clientele.featurestore.TestingEvents.NOW;
import static io.clientele.featurestore.TestingEvents.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clientele.feast.serving.FeatureList;
import io.clientele.feast.serving.FeatureViewMetadata;
import io.clientele.feast.serving.FieldStatus;
import io.clientele.feast.serving.GetFeastServingInfoRequest;
import io.clientele.feast.serving.GetOnlineFeaturesRequest;
import io.clientele.feast.serving.GetOnlineFeaturesResponse;
import io.clientele.feast.serving.GetOnlineFeaturesResponse.FeatureVector;
import io.clientele.feast.serving.ServingServiceGrpc;
import io.clientele.feast.types.RepeatedValue;
import io.clientele.feast.types.Value;
import io.clientele.featurestore.store.RedisProcess;
import io.clientele.featurestore.store.RedisSettings;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The feature store through a client generated from Feast's contract. */
final class GetOnlineFeaturesTest {
  @TempDir private static Path directory;
  private static RedisProcess redis;
  private static TestingFeatureStore store;

  @BeforeAll
  static void start() throws IOException {
    Path models = directory.resolve("models");
    Path manifest = models.resolve("churn", "2", "manifest.json");
    Files.createDirectories(manifest.getParent());
    Files.writeString(
        manifest, "{\"inputs\": [{\"name\": \"views_7d\"}, {\"name\": \"orders_7d\"}]}");
    redis = RedisProcess.start(directory.resolve("redis"), 0);
    store = new TestingFeatureStore(RedisSettings.on(redis.uri()), models, new TestingClock(NOW));
    store.awaitHealth(ServingStatus.SERVING);
    TestingProducer.record(
        store.channel(),
        order("alice", "o1", NOW.minus(Duration.ofDays(1)), 30).build(),
        order("17", "o1", NOW.minus(Duration.ofDays(3)), 10).build(),
        order("17", "o2", NOW.minus(Duration.ofDays(1)), 30).build());
  }

  @AfterAll
  static void stop() {
    store.close();
    redis.close();
  }

  @Test
  void answersColumnsWithTheEntityFirst() {
    GetOnlineFeaturesResponse answer =
        get(
            customers("customer_id", text("alice"), text("nobody"), integer(17))
                .setFeatures(features("order:spend_lifetime", "order:order_gap_mean_days")));

    assertThat(answer.getMetadata().getFeatureNames().getValList())
        .containsExactly("customer_id", "spend_lifetime", "order_gap_mean_days");
    assertThat(answer.getMetadata().getFeatureViewMetadataList()).isEmpty();
    assertThat(answer.getResultsList()).hasSize(3);
    assertThat(answer.getResults(0).getValuesList())
        .containsExactly(text("alice"), text("nobody"), integer(17));
    assertThat(answer.getResults(0).getStatusesList()).containsOnly(FieldStatus.PRESENT);
    assertThat(answer.getResults(1).getValuesList())
        .containsExactly(number(30), Value.getDefaultInstance(), number(40));
    assertThat(answer.getResults(1).getStatusesList())
        .containsExactly(FieldStatus.PRESENT, FieldStatus.NOT_FOUND, FieldStatus.PRESENT);
    assertThat(answer.getResults(2).getValuesList()) // no default where there is no gap
        .containsExactly(Value.getDefaultInstance(), Value.getDefaultInstance(), number(2));
    assertThat(answer.getResults(2).getStatusesList())
        .containsExactly(FieldStatus.NULL_VALUE, FieldStatus.NOT_FOUND, FieldStatus.PRESENT);
    assertThat(answer.getResultsList())
        .extracting(FeatureVector::getEventTimestampsCount)
        .containsOnly(3);
  }

  @Test
  void readsTheInputsOfAModelAsAFeatureService() {
    GetOnlineFeaturesResponse answer =
        get(customers("customer", text("alice")).setFeatureService("churn"));

    assertThat(answer.getMetadata().getFeatureNames().getValList())
        .containsExactly("customer", "views_7d", "orders_7d");
    assertThat(answer.getResults(1).getValuesList()).containsExactly(number(0));
    assertThat(answer.getResults(2).getValuesList()).containsExactly(number(1));
  }

  @Test
  void namesFeaturesInFullAndTheirViewsWhereAskedTo() {
    GetOnlineFeaturesResponse answer =
        get(
            customers("customer", text("alice"))
                .setFeatures(features("order:orders_7d", "views_7d", "order:orders_30d"))
                .setFullFeatureNames(true)
                .setIncludeFeatureViewVersionMetadata(true));

    assertThat(answer.getMetadata().getFeatureNames().getValList())
        .containsExactly("customer", "order__orders_7d", "view__views_7d", "order__orders_30d");
    assertThat(answer.getMetadata().getFeatureViewMetadataList())
        .extracting(FeatureViewMetadata::getName)
        .containsExactly("order", "view");
    assertThat(
            get(customers("customer", text("alice"))
                    .setFeatureService("churn")
                    .setFullFeatureNames(true))
                .getMetadata()
                .getFeatureNames()
                .getValList())
        .containsExactly("customer", "view__views_7d", "order__orders_7d");
  }

  @Test
  void saysWhatAnswers() {
    assertThat(stub().getFeastServingInfo(GetFeastServingInfoRequest.getDefaultInstance()))
        .satisfies(info -> assertThat(info.getVersion()).startsWith("clientele"));
  }

  @Test
  void refusesWhatItCannotAnswer() {
    FeatureList orders = features("order:orders_7d");
    GetOnlineFeaturesRequest.Builder alice = customers("customer", text("alice"));
    assertInvalid(
        alice.clone().setFeatures(features("view:orders_7d")),
        "features: view:orders_7d (expected: order:orders_7d)");
    assertInvalid(alice.clone().setFeatures(features()), "features: 0 features");
    assertInvalid(
        alice.clone().setFeatures(features("order:orders_7d", "orders_7d")),
        "features: orders_7d more than once");
    assertInvalid(alice.clone(), "features: not set (expected: features or feature_service)");
    assertInvalid(alice.clone().setFeatureService("none"), "feature_service: unknown model none");
    assertInvalid(
        GetOnlineFeaturesRequest.newBuilder().setFeatures(orders),
        "entities: [] (expected: exactly one, customer or customer_id)");
    assertInvalid(customers("driver", text("alice")).setFeatures(orders), "entities: [driver]");
    assertInvalid(
        alice.clone().setFeatures(orders).putEntities("driver", RepeatedValue.getDefaultInstance()),
        "exactly one");
    assertInvalid(customers("customer").setFeatures(orders), "entities.customer: 0 customers");
    assertInvalid(
        customers("customer", text("alice"), text("")).setFeatures(orders),
        "entities.customer[1]: ");
    assertInvalid(
        customers("customer", text("alice"), number(1)).setFeatures(orders),
        "entities.customer[1]: FLOAT_VAL (expected: STRING_VAL, INT32_VAL or INT64_VAL)");
    assertInvalid(
        customers("customer", Value.getDefaultInstance()).setFeatures(orders),
        "entities.customer[0]: VAL_NOT_SET");
  }

  private static void assertInvalid(GetOnlineFeaturesRequest.Builder request, String message) {
    assertThatThrownBy(() -> get(request))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
              assertThat(e.getStatus().getDescription()).contains(message);
            });
  }

  private static ServingServiceGrpc.ServingServiceBlockingStub stub() {
    return ServingServiceGrpc.newBlockingStub(store.channel());
  }

  private static GetOnlineFeaturesResponse get(GetOnlineFeaturesRequest.Builder request) {
    return stub().getOnlineFeatures(request.build());
  }

  private static GetOnlineFeaturesRequest.Builder customers(String entity, Value... ids) {
    return GetOnlineFeaturesRequest.newBuilder()
        .putEntities(entity, RepeatedValue.newBuilder().addAllVal(List.of(ids)).build());
  }

  private static FeatureList features(String... references) {
    return FeatureList.newBuilder().addAllVal(List.of(references)).build();
  }

  private static Value text(String value) {
    return Value.newBuilder().setStringVal(value).build();
  }

  private static Value integer(long value) {
    return Value.newBuilder().setInt64Val(value).build();
  }

  private static Value number(float value) {
    return Value.newBuilder().setFloatVal(value).build();
  }
}
