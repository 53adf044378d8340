package io.clientele.featurestore;

import static io.clientele.featurestore.TestingEvents.NOW;
import static io.clientele.featurestore.TestingEvents.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.rpc.BadRequest;
import com.google.rpc.PreconditionFailure;
import io.clientele.featurestore.store.RedisProcess;
import io.clientele.featurestore.store.RedisSettings;
import io.clientele.featurestore.v1.CustomerStatus;
import io.clientele.featurestore.v1.DescribeCustomerRequest;
import io.clientele.featurestore.v1.DescribeCustomerResponse;
import io.clientele.featurestore.v1.FeatureDescription;
import io.clientele.featurestore.v1.FeatureDescription.Presence;
import io.clientele.featurestore.v1.FeatureNames;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import io.clientele.featurestore.v1.ModelInputs;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GetFeaturesTest {
  @TempDir private static Path directory;
  private static Path models;
  private static RedisProcess redis;
  private static TestingFeatureStore store;

  @BeforeAll
  static void start() throws IOException {
    models = directory.resolve("models");
    redis = RedisProcess.start(directory.resolve("redis"), 0);
    store = new TestingFeatureStore(RedisSettings.on(redis.uri()), models, new TestingClock(NOW));
    store.awaitHealth(ServingStatus.SERVING);
    TestingProducer.record(
        store.channel(),
        order("alice", "o1", NOW.minus(Duration.ofDays(3)), 10).build(),
        order("alice", "o2", NOW.minus(Duration.ofDays(1)), 30).build());
  }

  @AfterAll
  static void stop() {
    store.close();
    redis.close();
  }

  @Test
  void readsNamedFeaturesInTheOrderAsked() {
    GetFeaturesResponse answer =
        get(
            alice()
                .setFeatures(
                    FeatureNames.newBuilder()
                        .addNames("spend_lifetime")
                        .addNames("days_since_last_return")
                        .addNames("orders_7d")));

    assertThat(answer.getFeatureNamesList()).isEmpty();
    assertThat(floats(answer)).containsExactly(40, 1_095, 2);
    assertThat(answer.getPresence().toByteArray()).containsExactly(0b101);
  }

  @Test
  void readsTheInputsOfTheNewestModelAndOfAnOlderOne() throws IOException {
    manifest("churn", "9", "orders_7d");
    manifest("churn", "10", "spend_lifetime", "orders_7d");
    Files.createDirectories(models.resolve("churn").resolve("11-broken"));

    GetFeaturesResponse newest = get(alice().setModel(ModelInputs.newBuilder().setName("churn")));
    GetFeaturesResponse older =
        get(alice().setModel(ModelInputs.newBuilder().setName("churn").setVersion("9")));

    assertThat(newest.getFeatureNamesList()).containsExactly("spend_lifetime", "orders_7d");
    assertThat(floats(newest)).containsExactly(40, 2);
    assertThat(older.getFeatureNamesList()).containsExactly("orders_7d");
  }

  @Test
  void readsAManifestAgainOnceItHasChanged() throws IOException {
    GetFeaturesRequest.Builder request =
        alice().setModel(ModelInputs.newBuilder().setName("value"));
    Path file = manifest("value", "1", "orders_7d");
    assertThat(get(request).getFeatureNamesList()).containsExactly("orders_7d");

    manifest("value", "1", "orders_30d");
    Files.setLastModifiedTime(file, FileTime.from(NOW));

    assertThat(get(request).getFeatureNamesList()).containsExactly("orders_30d");
  }

  @Test
  void refusesModelsItDoesNotKnow() throws IOException {
    manifest("segment", "1", "orders_7d");
    for (ModelInputs model :
        List.of(
            ModelInputs.newBuilder().setName("none").build(),
            ModelInputs.newBuilder().setName("segment").setVersion("2").build(),
            ModelInputs.newBuilder().setName("segment").setVersion("1/../1").build(),
            ModelInputs.newBuilder().setName("../models/segment").build(),
            ModelInputs.newBuilder().setName("").build())) {
      assertInvalid(alice().setModel(model), "model", "unknown model " + model.getName());
    }
  }

  @Test
  void namesTheModelWhoseManifestCannotBeRead() throws IOException {
    Files.writeString(manifest("torn", "1", "orders_7d"), "{\"inputs\": [");

    assertThatThrownBy(() -> get(alice().setModel(ModelInputs.newBuilder().setName("torn"))))
        .hasMessageContaining("FAILED_PRECONDITION")
        .hasMessageContaining("manifest.json");
  }

  @Test
  void refusesAModelWithAFeatureThatTheCatalogHasNot() throws IOException {
    manifest("foreign", "1", "orders_7d", "shoe_size");

    assertInvalid(
        alice().setModel(ModelInputs.newBuilder().setName("foreign")), "model.name", "shoe_size");
  }

  @Test
  void refusesUnknownFeaturesByName() {
    assertInvalid(
        alice()
            .setFeatures(
                FeatureNames.newBuilder()
                    .addNames("orders_7d")
                    .addNames("shoe_size")
                    .addNames("mood")),
        "features.names",
        "unknown features: shoe_size, mood");
  }

  @Test
  void refusesNoFeaturesAndTooMany() {
    assertInvalid(
        alice().setFeatures(FeatureNames.getDefaultInstance()),
        "features.names",
        "0 features (expected: 1 to 1000)");
    assertInvalid(
        alice()
            .setFeatures(
                FeatureNames.newBuilder().addAllNames(Collections.nCopies(1_001, "orders_7d"))),
        "features.names",
        "1001 features (expected: 1 to 1000)");
  }

  @Test
  void refusesBadCustomers() {
    assertInvalid(
        GetFeaturesRequest.newBuilder(), "customer_ids", "0 customers (expected: 1 to 1000)");
    assertInvalid(
        GetFeaturesRequest.newBuilder().addAllCustomerIds(Collections.nCopies(1_001, "x")),
        "customer_ids",
        "1001 customers (expected: 1 to 1000)");
    assertInvalid(alice().addCustomerIds(""), "customer_ids[1]", "empty");
    assertInvalid(alice().addCustomerIds("é".repeat(129)), "customer_ids[1]", "258 bytes");
  }

  @Test
  void takesAThousandCustomersAndTheLongestId() {
    String longest = "é".repeat(128);
    TestingProducer.record(store.channel(), order(longest, "o1", NOW, 5).build());

    GetFeaturesResponse answer =
        get(GetFeaturesRequest.newBuilder().addAllCustomerIds(Collections.nCopies(1_000, longest)));

    assertThat(answer.getCustomersList()).hasSize(1_000).containsOnly(CustomerStatus.FOUND);
    assertThat(answer.getValues().size()).isEqualTo(1_000 * answer.getFeatureNamesCount() * 4);
  }

  @Test
  void refusesACallerMadeForAnotherCatalog() {
    String hash = store.features("alice").getCatalogHash();
    assertThat(get(alice().setCatalogHash(hash)).getCatalogHash()).isEqualTo(hash);

    assertThatThrownBy(() -> get(alice().setCatalogHash("feedface")))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
              var violation = detail(e, PreconditionFailure.class).getViolations(0);
              assertThat(violation.getSubject()).isEqualTo("catalog_hash");
              assertThat(violation.getDescription()).isEqualTo("feedface (expected: " + hash + ")");
            });
  }

  @Test
  void describesACustomer() {
    DescribeCustomerResponse description = describe("alice");
    GetFeaturesResponse matrix = store.features("alice");

    assertThat(description.getStatus()).isEqualTo(CustomerStatus.FOUND);
    assertThat(description.getFeatureVersion()).isEqualTo(1);
    assertThat(description.getCatalogHash()).isEqualTo(matrix.getCatalogHash());
    assertThat(description.getStateBytes()).isPositive();
    assertThat(description.getFeaturesList())
        .extracting(FeatureDescription::getName)
        .isEqualTo(matrix.getFeatureNamesList());
    for (int column = 0; column < matrix.getFeatureNamesCount(); column++) {
      FeatureDescription feature = description.getFeatures(column);
      assertThat(feature.getValue()).isEqualTo(FeatureStoreServerTest.value(matrix, 0, column));
      assertThat(feature.getPresence() == Presence.PRESENT)
          .isEqualTo(FeatureStoreServerTest.isPresent(matrix, 0, column));
    }
    assertThat(description.getFeaturesList())
        .filteredOn(feature -> feature.getName().equals("orders_7d"))
        .singleElement()
        .satisfies(
            orders -> {
              assertThat(orders.getMeaning()).isEqualTo("count of order over 7d");
              assertThat(orders.getAgeSeconds()).isEqualTo(86_400);
            });
    assertThat(description.getEventTypesList())
        .filteredOn(type -> type.getEvents() > 0)
        .singleElement()
        .satisfies(
            orders -> {
              assertThat(orders.getType()).isEqualTo("order");
              assertThat(orders.getEvents()).isEqualTo(2);
              assertThat(orders.getFirstEventTime())
                  .isEqualTo(TestingEvents.timestamp(NOW.minus(Duration.ofDays(3))));
            });
  }

  @Test
  void describesACustomerNeverSeen() {
    DescribeCustomerResponse description = describe("stranger");

    assertThat(description.getStatus()).isEqualTo(CustomerStatus.UNKNOWN);
    assertThat(description.getFeatureVersion()).isZero();
    assertThat(description.getStateBytes()).isZero();
    assertThat(description.getFeaturesList()).isNotEmpty();
    assertThatThrownBy(() -> describe(""))
        .hasMessageContaining("INVALID_ARGUMENT")
        .hasMessageContaining("customer_id");
  }

  private static DescribeCustomerResponse describe(String customer) {
    return store
        .stub()
        .describeCustomer(DescribeCustomerRequest.newBuilder().setCustomerId(customer).build());
  }

  private static GetFeaturesRequest.Builder alice() {
    return GetFeaturesRequest.newBuilder().addCustomerIds("alice");
  }

  private static GetFeaturesResponse get(GetFeaturesRequest.Builder request) {
    return store.stub().getFeatures(request.build());
  }

  private static void assertInvalid(
      GetFeaturesRequest.Builder request, String field, String message) {
    assertThatThrownBy(() -> get(request))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
              var violation = detail(e, BadRequest.class).getFieldViolations(0);
              assertThat(violation.getField()).isEqualTo(field);
              assertThat(violation.getDescription())
                  .contains(message)
                  .doesNotContain("customer_id:"); // the field stands before it
            });
  }

  private static <T extends com.google.protobuf.Message> T detail(
      StatusRuntimeException failure, Class<T> type) {
    try {
      return Objects.requireNonNull(StatusProto.fromThrowable(failure)).getDetails(0).unpack(type);
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static float[] floats(GetFeaturesResponse answer) {
    float[] values = new float[answer.getValues().size() / Float.BYTES];
    answer
        .getValues()
        .asReadOnlyByteBuffer()
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(values);
    return values;
  }

  private static Path manifest(String name, String version, String... inputs) throws IOException {
    Path file = models.resolve(name, version, "manifest.json");
    Files.createDirectories(file.getParent());
    return Files.writeString(
        file,
        Arrays.stream(inputs)
            .map(input -> "{\"name\": \"" + input + "\", \"default\": 0}")
            .collect(Collectors.joining(",", "{\"format\": 1, \"inputs\": [", "]}")));
  }
}
