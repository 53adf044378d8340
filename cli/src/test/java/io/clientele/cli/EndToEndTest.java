package io.clientele.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import com.google.rpc.BadRequest;
import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.v1.DescribeCustomerRequest;
import io.clientele.featurestore.v1.DescribeCustomerResponse;
import io.clientele.featurestore.v1.FeatureDescription;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import io.clientele.featurestore.v1.ModelInputs;
import io.clientele.featurestore.v1.Verdict;
import io.clientele.gateway.v1.CustomerStatus;
import io.clientele.gateway.v1.Outcome;
import io.clientele.gateway.v1.Provenance;
import io.clientele.gateway.v1.ScoreBatchRequest;
import io.clientele.gateway.v1.ScoreRequest;
import io.clientele.gateway.v1.Scores;
import io.clientele.scorer.v1.InferRequest;
import io.clientele.scorer.v1.InferResponse;
import io.clientele.scorer.v1.ListModelsRequest;
import io.clientele.scorer.v1.Model;
import io.clientele.scorer.v1.ModelResult;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** The main job on real customers: events in, scores out, and the same features offline. */
@TestInstance(Lifecycle.PER_CLASS)
class EndToEndTest {
  private static final Duration NOW = Duration.getDefaultInstance();
  private static final int BATCH = 1_000;

  private final ShiftedEvents orders = new ShiftedEvents(CdnowSample.load(), Clock.systemUTC());
  private final List<String> customers = customers();
  private TestingPlatform platform;

  @BeforeAll
  void replayTheSample(@TempDir Path data) throws IOException {
    platform = new TestingPlatform(data, Map.of());
    VerdictCounts verdicts = IngestCommand.send(orders, platform.featureStoreChannel(), "Orders");

    assertThat(verdicts.of(Verdict.APPLIED)).isEqualTo(6_919);
    assertThat(verdicts.total()).isEqualTo(6_919);
  }

  @AfterAll
  void stop() {
    platform.close();
  }

  @Test
  void scoresEveryCustomerByEveryModel() {
    for (int from = 0; from < customers.size(); from += BATCH) {
      List<String> batch = customers.subList(from, Math.min(from + BATCH, customers.size()));
      var response =
          platform
              .gateway()
              .scoreBatch(
                  ScoreBatchRequest.newBuilder().addAllCustomerIds(batch).setMaxAge(NOW).build());

      assertThat(response.getOutcomesList())
          .extracting(outcome -> outcome.getScores().getCustomerId())
          .isEqualTo(batch);
      for (Outcome outcome : response.getOutcomesList()) {
        Scores scores = outcome.getScores();
        assertThat(scores.getErrorsList()).isEmpty();
        assertThat(scores.getCustomer()).isEqualTo(CustomerStatus.FOUND);
        assertThat(scores.getChurn().getProbability()).isBetween(0f, 1f);
        assertThat(scores.getChurn().getBand()).isNotEmpty();
        assertThat(scores.getValue().getExpectedSpend()).isGreaterThanOrEqualTo(0f);
        assertThat(scores.getValue().getTier()).isNotEmpty();
        assertThat(scores.getSegment().getName()).isNotEmpty();
        assertThat(scores.getSegment().getMembershipsList())
            .extracting(membership -> (double) membership.getProbability())
            .satisfies(
                shares ->
                    assertThat(shares.stream().mapToDouble(Double::doubleValue).sum())
                        .isCloseTo(1, org.assertj.core.data.Offset.offset(1e-3)));
        assertThat(scores.getChurn().getOrigin().getProvenance()).isEqualTo(Provenance.COMPUTED);
      }
    }
  }

  @Test
  void readsOnlineWhatASnapshotOfTheSameMomentHolds() {
    Catalog catalog = Catalog.retail();
    for (int from = 0; from < customers.size(); from += BATCH) {
      List<String> batch = customers.subList(from, Math.min(from + BATCH, customers.size()));
      GetFeaturesResponse online =
          platform
              .featureStore()
              .getFeatures(GetFeaturesRequest.newBuilder().addAllCustomerIds(batch).build());
      Map<String, float[]> offline = snapshot(catalog, instant(online.getAsOf()));

      assertThat(online.getCatalogHash()).isEqualTo(catalog.hash());
      assertThat(online.getFeatureNamesList())
          .isEqualTo(catalog.features().stream().map(feature -> feature.name()).toList());
      int width = online.getFeatureNamesCount();
      int presenceBytes = (width + 7) / 8;
      FloatBuffer values = floats(online.getValues());
      for (int row = 0; row < batch.size(); row++) {
        float[] expected = Objects.requireNonNull(offline.get(batch.get(row)), batch.get(row));
        for (int column = 0; column < width; column++) {
          byte bits = online.getPresence().byteAt(row * presenceBytes + column / 8);
          boolean present = (bits >> (column % 8) & 1) == 1;
          float value = present ? values.get(row * width + column) : Float.NaN;
          assertThat(Float.floatToIntBits(value))
              .as("%s of %s", online.getFeatureNames(column), batch.get(row))
              .isEqualTo(Float.floatToIntBits(expected[column]));
        }
      }
    }
  }

  @Test
  void changesNothingWhenTheWholeLogIsReplayed() {
    Map<String, Long> before = versions();

    VerdictCounts verdicts = IngestCommand.send(orders, platform.featureStoreChannel(), "Again");

    assertThat(verdicts.of(Verdict.DUPLICATE)).isEqualTo(6_919);
    assertThat(versions()).isEqualTo(before);
  }

  @Test
  void answersWhatTheScorerAnswersForTheSameFeatures() {
    String customer = customers.getFirst();
    Model churn =
        platform
            .scorer()
            .listModels(ListModelsRequest.getDefaultInstance())
            .getModelsList()
            .stream()
            .filter(model -> model.getName().equals("churn"))
            .findFirst()
            .orElseThrow();
    GetFeaturesResponse features =
        platform
            .featureStore()
            .getFeatures(
                GetFeaturesRequest.newBuilder()
                    .addCustomerIds(customer)
                    .setModel(ModelInputs.newBuilder().setName("churn"))
                    .build());

    assertThat(features.getFeatureNamesList())
        .isEqualTo(churn.getInputsList().stream().map(input -> input.getName()).toList());
    InferResponse inferred =
        platform
            .scorer()
            .infer(
                InferRequest.newBuilder()
                    .addModels("churn")
                    .addAllColumns(features.getFeatureNamesList())
                    .setRows(1)
                    .setValues(features.getValues())
                    .setPresence(features.getPresence())
                    .build());
    ModelResult result = inferred.getResults(0);
    Scores scores = score(customer);

    // The two reads are moments apart, so that features of recency differ in their last digits.
    assertThat(scores.getChurn().getProbability())
        .isCloseTo(floats(result.getValues()).get(0), org.assertj.core.data.Offset.offset(1e-3f));
    assertThat(scores.getChurn().getOrigin().getMissingInputs())
        .isEqualTo(result.getMissingInputs(0));
  }

  @Test
  void reflectsAnOrderAsSoonAsItsWriterAsks() {
    String customer = "buys-again";
    long nowMs = System.currentTimeMillis();
    record("first", customer, nowMs - java.time.Duration.ofDays(200).toMillis());
    Scores before = score(customer);
    record("second", customer, nowMs);
    long version = describe(customer).getFeatureVersion();

    Scores after =
        platform
            .gateway()
            .score(
                ScoreRequest.newBuilder()
                    .setCustomerId(customer)
                    .setMinFeatureVersion(version)
                    .build())
            .getScores();

    assertThat(after.getFeatureVersion()).isEqualTo(version);
    assertThat(after.getFeatureVersion()).isGreaterThan(before.getFeatureVersion());
    assertThat(after.getChurn().getProbability()).isLessThan(before.getChurn().getProbability());
  }

  @Test
  void answersThePopulationsScoresForACustomerNeverSeen() {
    Scores scores = score("never-seen");

    assertThat(scores.getCustomer()).isEqualTo(CustomerStatus.UNKNOWN);
    assertThat(scores.getFeatureVersion()).isZero();
    assertThat(scores.getChurn().getOrigin().getProvenance()).isEqualTo(Provenance.PRIOR);
    assertThat(scores.getValue().getOrigin().getProvenance()).isEqualTo(Provenance.PRIOR);
    assertThat(scores.getSegment().getOrigin().getProvenance()).isEqualTo(Provenance.PRIOR);
  }

  @Test
  void explainsACustomer() {
    DescribeCustomerResponse description = describe("19339");

    assertThat(description.getEventTypes(0).getType()).isEqualTo("order");
    assertThat(description.getEventTypes(0).getEvents()).isEqualTo(56);
    FeatureDescription lifetime =
        description.getFeaturesList().stream()
            .filter(feature -> feature.getName().equals("orders_lifetime"))
            .findFirst()
            .orElseThrow();
    assertThat(lifetime.getValue()).isEqualTo(56f);
    assertThat(lifetime.getMeaning()).isNotEmpty();
    assertThat(lifetime.getAgeSeconds()).isPositive();
  }

  @Test
  void namesTheFieldAndTheLimitOfABadRequest() {
    assertThatThrownBy(() -> score(""))
        .satisfies(failure -> assertBadField(failure, "customer_id"));
    assertThatThrownBy(() -> score("x".repeat(257)))
        .satisfies(failure -> assertBadField(failure, "customer_id"))
        .hasMessageContaining("257")
        .hasMessageContaining("256");
    assertThatThrownBy(
            () ->
                platform
                    .gateway()
                    .score(
                        ScoreRequest.newBuilder()
                            .setCustomerId("a")
                            .addModels("horoscope")
                            .build()))
        .satisfies(failure -> assertBadField(failure, "models[0]"))
        .hasMessageContaining("horoscope")
        .hasMessageContaining("churn");
    assertThatThrownBy(
            () ->
                platform
                    .featureStore()
                    .getFeatures(
                        GetFeaturesRequest.newBuilder()
                            .addAllCustomerIds(java.util.Collections.nCopies(1_001, "a"))
                            .build()))
        .satisfies(failure -> assertBadField(failure, "customer_ids"))
        .hasMessageContaining("1001")
        .hasMessageContaining("1000");
  }

  private static void assertBadField(Throwable failure, String field) {
    assertThat(failure).isInstanceOf(StatusRuntimeException.class);
    assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    com.google.rpc.Status status = Objects.requireNonNull(StatusProto.fromThrowable(failure));
    assertThat(status.getDetailsList())
        .singleElement()
        .satisfies(
            detail ->
                assertThat(detail.unpack(BadRequest.class).getFieldViolations(0).getField())
                    .isEqualTo(field));
  }

  private void record(String eventId, String customer, long timeMs) {
    Map<String, Double> measures = Map.of("amount", 25.0, "items", 2.0);
    try (EventSender sender = new EventSender(platform.featureStoreChannel(), done -> {})) {
      sender.send(new LoggedEvent(customer, eventId, "order", timeMs, measures, Map.of()));
      assertThat(sender.finish().of(Verdict.APPLIED)).isEqualTo(1);
    }
  }

  private Scores score(String customer) {
    return platform
        .gateway()
        .score(ScoreRequest.newBuilder().setCustomerId(customer).setMaxAge(NOW).build())
        .getScores();
  }

  private DescribeCustomerResponse describe(String customer) {
    return platform
        .featureStore()
        .describeCustomer(DescribeCustomerRequest.newBuilder().setCustomerId(customer).build());
  }

  private Map<String, Long> versions() {
    Map<String, Long> versions = new HashMap<>();
    for (int from = 0; from < customers.size(); from += BATCH) {
      List<String> batch = customers.subList(from, Math.min(from + BATCH, customers.size()));
      GetFeaturesResponse response =
          platform
              .featureStore()
              .getFeatures(GetFeaturesRequest.newBuilder().addAllCustomerIds(batch).build());
      for (int row = 0; row < batch.size(); row++) {
        versions.put(batch.get(row), response.getFeatureVersions(row));
      }
    }
    return versions;
  }

  /** Features by customer, NaN where missing, of the same orders folded offline. */
  private Map<String, float[]> snapshot(Catalog catalog, Instant asOf) {
    List<LoggedEvent> log = new ArrayList<>();
    orders.forEach(log::add);
    log.sort(
        Comparator.comparing(LoggedEvent::customerId)
            .thenComparingLong(LoggedEvent::timeMs)
            .thenComparing(LoggedEvent::eventId));
    Map<String, float[]> rows = new HashMap<>();
    new Snapshot(catalog, List.of(asOf), null)
        .write(
            log::forEach, (customer, moment, values, labels) -> rows.put(customer, values.clone()));
    return rows;
  }

  private List<String> customers() {
    List<String> ids = new ArrayList<>();
    Consumer<LoggedEvent> collect = event -> ids.add(event.customerId());
    orders.forEach(collect);
    return ids.stream().distinct().sorted().toList();
  }

  private static FloatBuffer floats(com.google.protobuf.ByteString bytes) {
    return bytes.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
  }

  private static Instant instant(Timestamp timestamp) {
    return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
  }
}
