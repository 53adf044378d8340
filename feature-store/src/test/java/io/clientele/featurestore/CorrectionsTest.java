package io.clientele.featurestore;

import static io.clientele.featurestore.TestingEvents.NOW;
import static io.clientele.featurestore.TestingEvents.order;
import static io.clientele.featurestore.TestingEvents.timestamp;
import static io.clientele.featurestore.TestingEvents.view;
import static io.clientele.featurestore.TestingProducer.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clientele.featurestore.store.RedisProcess;
import io.clientele.featurestore.store.RedisSettings;
import io.clientele.featurestore.v1.Correction;
import io.clientele.featurestore.v1.Correction.Kind;
import io.clientele.featurestore.v1.CustomerStatus;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.FeatureNames;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import io.clientele.featurestore.v1.Reason;
import io.clientele.featurestore.v1.RecordEventsResponse;
import io.clientele.featurestore.v1.Verdict;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CorrectionsTest {
  @TempDir private static Path directory;
  private static RedisProcess redis;
  private static TestingFeatureStore store;

  @BeforeAll
  static void start() throws IOException {
    redis = RedisProcess.start(directory, 0);
    store =
        new TestingFeatureStore(
            RedisSettings.on(redis.uri()), directory.resolve("models"), () -> NOW);
    store.awaitHealth(ServingStatus.SERVING);
  }

  @AfterAll
  static void stop() {
    store.close();
    redis.close();
  }

  @Test
  void answersEachCorrectionWithWhatBecameOfIt() {
    Event order = order("verdicts", "o1", NOW.minus(Duration.ofDays(3)), 10).build();
    Event other = order("verdicts", "o2", NOW.minus(Duration.ofDays(2)), 20).build();

    RecordEventsResponse answer =
        record(
            store.channel(),
            order,
            corrected(order, Kind.CANCEL, NOW.minusSeconds(50)),
            corrected(order, Kind.CANCEL, NOW.minusSeconds(50)),
            corrected(order, Kind.AMEND, NOW.minusSeconds(60)),
            corrected(other, Kind.CANCEL, NOW.minusSeconds(40)),
            other,
            other);

    assertThat(answer.getVerdictsList())
        .containsExactly(
            Verdict.APPLIED,
            Verdict.APPLIED,
            Verdict.DUPLICATE,
            Verdict.STALE,
            Verdict.PENDING,
            Verdict.SUPERSEDED,
            Verdict.DUPLICATE);
    assertThat(features("verdicts", null, "orders_lifetime", "spend_lifetime"))
        .containsExactly(0f, 0f);
    assertThat(store.metrics())
        .contains("clientele_events_total{type=\"order\",verdict=\"superseded\"}");
  }

  @Test
  void refusesCorrectionsThatAreNone() {
    Event order = order("wrong", "o1", NOW, 10).build();
    Event view = view("wrong", "v1", NOW).build();

    RecordEventsResponse answer =
        record(
            store.channel(),
            corrected(order, Kind.KIND_UNSPECIFIED, NOW),
            order.toBuilder().setCorrection(Correction.newBuilder().setKind(Kind.CANCEL)).build(),
            corrected(view, Kind.CANCEL, NOW),
            corrected(order, Kind.CANCEL, NOW.plus(Duration.ofDays(1))),
            corrected(order, Kind.CANCEL, NOW.minus(Duration.ofDays(2_000))));

    assertThat(answer.getVerdictsList())
        .containsExactly(
            Verdict.REJECTED,
            Verdict.REJECTED,
            Verdict.REJECTED,
            Verdict.REJECTED,
            Verdict.TOO_OLD);
    assertThat(answer.getReasonsList())
        .extracting(Reason::getField)
        .containsExactly(
            "correction.kind",
            "correction.corrected_at",
            "correction",
            "correction.corrected_at",
            "correction.corrected_at");
  }

  @Test
  void readsAPastMomentOfWhatIsKnownNow() {
    Instant then = NOW.minus(Duration.ofDays(10));
    Event before = order("past", "o1", then.minusSeconds(60), 10).build();
    Event after = order("past", "o2", then.plusSeconds(60), 20).build();
    record(store.channel(), before, after);

    assertThat(features("past", then, "orders_lifetime", "spend_30d")).containsExactly(1f, 10f);
    assertThat(features("past", null, "orders_lifetime", "spend_30d")).containsExactly(2f, 30f);

    Event right = order("past", "o1", then.minusSeconds(60), 11).build();
    record(store.channel(), corrected(right, Kind.AMEND, NOW));
    assertThat(features("past", then, "orders_lifetime", "spend_30d")).containsExactly(1f, 11f);
  }

  @Test
  void namesWhatCannotBeToldOfThePast() {
    Instant then = NOW.minus(Duration.ofDays(10));
    record(
        store.channel(),
        view("viewer", "v1", then.minusSeconds(60)).build(),
        view("viewer", "v2", then.plusSeconds(60)).build());

    GetFeaturesResponse answer = read("viewer", then, "orders_lifetime", "views_30d");

    assertThat(answer.getUnansweredList()).containsExactly("views_30d");
    assertThat(answer.getPresence().byteAt(0)).isEqualTo((byte) 0b01);
    assertThat(answer.getCustomers(0)).isEqualTo(CustomerStatus.FOUND);
    assertThat(answer.getAsOf()).isEqualTo(timestamp(then));
    assertThat(read("viewer", NOW, "views_30d").getUnansweredList()).isEmpty();
  }

  @Test
  void refusesMomentsThatTheStoreKnowsNothingOf() {
    assertThatThrownBy(() -> read("anybody", NOW.minus(Duration.ofDays(1_100)), "orders_30d"))
        .hasMessageContaining("INVALID_ARGUMENT")
        .hasMessageContaining("as_of: 2023-06-26T12:00:00Z (expected: 2023-07-01T00:00:00Z to ");
    assertThatThrownBy(() -> read("anybody", NOW.plus(Duration.ofDays(1)), "orders_30d"))
        .hasMessageContaining("INVALID_ARGUMENT");
  }

  private static Event corrected(Event event, Kind kind, Instant at) {
    return event.toBuilder()
        .setCorrection(Correction.newBuilder().setKind(kind).setCorrectedAt(timestamp(at)))
        .build();
  }

  private static float[] features(String customer, @Nullable Instant asOf, String... names) {
    float[] values = new float[names.length];
    read(customer, asOf, names)
        .getValues()
        .asReadOnlyByteBuffer()
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(values);
    return values;
  }

  private static GetFeaturesResponse read(
      String customer, @Nullable Instant asOf, String... names) {
    var request =
        GetFeaturesRequest.newBuilder()
            .addCustomerIds(customer)
            .setFeatures(FeatureNames.newBuilder().addAllNames(List.of(names)));
    if (asOf != null) {
      request.setAsOf(timestamp(asOf));
    }
    return store.stub().getFeatures(request.build());
  }
}
