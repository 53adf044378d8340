package io.clientele.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.gateway.v1.CustomerStatus;
import io.clientele.gateway.v1.Outcome;
import io.clientele.gateway.v1.Provenance;
import io.clientele.gateway.v1.ScoreBatchRequest;
import io.clientele.gateway.v1.ScoreBatchResponse;
import io.clientele.gateway.v1.Scores;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScoreBatchTest {
  private TestingPlatform platform = TestingPlatform.start();

  @AfterEach
  void close() {
    platform.close();
  }

  private static ScoreBatchRequest.Builder batch(String... customers) {
    return ScoreBatchRequest.newBuilder().addAllCustomerIds(List.of(customers));
  }

  @Test
  void givesEachCustomerItsOwnOutcomeInTheOrderAsked() {
    platform.store.put("alice", 400, 7);
    platform.store.put("bob", 100, 3);

    ScoreBatchResponse response =
        platform.gateway.scoreBatch(
            batch("bob", "", "nobody", "alice", "bob").setSequence(99).build());

    assertThat(response.getSequence()).isEqualTo(99);
    assertThat(response.getOutcomesCount()).isEqualTo(5);
    assertThat(response.getOutcomes(0).getScores().getChurn().getProbability()).isEqualTo(0.1f);
    TestingErrors.assertInvalid(
        response.getOutcomes(1).getError(),
        "customer_ids[1]",
        "length: 0 bytes (expected: 1..256)");
    assertThat(response.getOutcomes(2).getScores().getCustomer()).isEqualTo(CustomerStatus.UNKNOWN);
    assertThat(response.getOutcomes(3).getScores().getChurn().getProbability()).isEqualTo(0.4f);
    assertThat(response.getOutcomes(4)).isEqualTo(response.getOutcomes(0));
    assertThat(platform.store.requests).hasSize(1);
    assertThat(platform.store.requests.element().getCustomerIdsList())
        .containsExactly("bob", "nobody", "alice");
  }

  @Test
  void scoresAThousandAndRefusesOneMore() {
    List<String> ids = IntStream.range(0, 1_001).mapToObj(i -> "customer-" + i).toList();
    for (int i = 0; i < 1_000; i++) {
      platform.store.put("customer-" + i, i, i + 1);
    }

    ScoreBatchResponse response =
        platform.gateway.scoreBatch(
            ScoreBatchRequest.newBuilder().addAllCustomerIds(ids.subList(0, 1_000)).build());

    for (int i = 0; i < 1_000; i++) {
      Scores scores = response.getOutcomes(i).getScores();
      assertThat(scores.getCustomerId()).isEqualTo("customer-" + i);
      assertThat(scores.getValue().getExpectedSpend()).isEqualTo(2 * i);
    }
    TestingErrors.assertRefused(
        () ->
            platform.gateway.scoreBatch(
                ScoreBatchRequest.newBuilder().addAllCustomerIds(ids).build()),
        "customer_ids",
        "count: 1001 (expected: 1..1000)");
    TestingErrors.assertRefused(
        () -> platform.gateway.scoreBatch(batch().build()),
        "customer_ids",
        "count: 0 (expected: 1..1000)");
    TestingErrors.assertRefused(
        () -> platform.gateway.scoreBatch(batch("alice").addModels("x").build()),
        "models[0]",
        "'x' (expected: one of churn, reach, segment, value)");
  }

  @Test
  void usesAndFillsTheCache() {
    platform.store.put("alice", 400, 7);
    platform.score("alice");

    ScoreBatchResponse response = platform.gateway.scoreBatch(batch("alice", "bob").build());
    platform.gateway.scoreBatch(batch("bob").build());

    assertThat(response.getOutcomes(0).getScores().getChurn().getOrigin().getProvenance())
        .isEqualTo(Provenance.CACHED);
    assertThat(platform.store.requests).hasSize(2);
  }

  @Test
  void answersABatchThatTheCacheKnowsAllOf() {
    platform.store.put("alice", 400, 7);
    platform.store.put("bob", 100, 3);
    platform.gateway.scoreBatch(batch("alice", "bob").build());

    ScoreBatchResponse response = platform.gateway.scoreBatch(batch("bob", "alice").build());

    assertThat(response.getOutcomesList())
        .extracting(outcome -> outcome.getScores().getChurn().getOrigin().getProvenance())
        .containsExactly(Provenance.CACHED, Provenance.CACHED);
    assertThat(response.getOutcomesList())
        .extracting(outcome -> outcome.getScores().getCustomerId())
        .containsExactly("bob", "alice");
    assertThat(platform.store.requests).hasSize(1);
  }

  @Test
  void answersABatchOfNothingButBadIds() {
    ScoreBatchResponse response = platform.gateway.scoreBatch(batch("", "").build());

    TestingErrors.assertInvalid(
        response.getOutcomes(0).getError(),
        "customer_ids[0]",
        "length: 0 bytes (expected: 1..256)");
    TestingErrors.assertInvalid(
        response.getOutcomes(1).getError(),
        "customer_ids[1]",
        "length: 0 bytes (expected: 1..256)");
    assertThat(platform.store.requests).isEmpty();
  }

  @Test
  void tellsEachCustomerItsOwnOfBadCachedComputedAndRefused() {
    platform.close();
    platform =
        TestingPlatform.start(
            settings ->
                TestingPlatform.withLanes(
                    settings, settings.interactive(), new LaneSettings(10, 1, 2), 1));
    platform.store.put("alice", 400, 7);
    platform.store.put("bob", 100, 3);
    platform.store.put("carol", 200, 4);
    platform.score("alice");

    ScoreBatchResponse response =
        platform.gateway.scoreBatch(
            batch("", "bob", "alice", "x".repeat(257), "carol", "dave", "alice", "erin").build());

    assertThat(response.getOutcomesList())
        .extracting(ScoreBatchTest::told)
        .containsExactly(
            "INVALID_ARGUMENT",
            "bob COMPUTED 0.1",
            "alice CACHED 0.4",
            "INVALID_ARGUMENT",
            "carol COMPUTED 0.2",
            "RESOURCE_EXHAUSTED",
            "alice CACHED 0.4",
            "RESOURCE_EXHAUSTED");
    TestingErrors.assertInvalid(
        response.getOutcomes(3).getError(),
        "customer_ids[3]",
        "length: 257 bytes (expected: 1..256)");
    assertThat(response.getOutcomes(5).getError().getMessage())
        .isEqualTo("bulk score queue is full (limit: 2)");
  }

  private static String told(Outcome outcome) {
    Scores scores = outcome.getScores();
    return outcome.hasError()
        ? Status.fromCodeValue(outcome.getError().getCode()).getCode().name()
        : scores.getCustomerId()
            + " "
            + scores.getChurn().getOrigin().getProvenance()
            + " "
            + scores.getChurn().getProbability();
  }

  @Test
  void refusesTheCustomersThatTheQueueHasNoRoomFor() {
    platform.close();
    platform =
        TestingPlatform.start(
            settings ->
                TestingPlatform.withLanes(
                    settings, settings.interactive(), new LaneSettings(10, 1, 2), 1));

    ScoreBatchResponse response =
        platform.gateway.scoreBatch(batch("alice", "bob", "carol").build());

    assertThat(response.getOutcomesList())
        .extracting(Outcome::hasScores)
        .containsExactly(true, true, false);
    assertThat(response.getOutcomes(2).getError().getCode())
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED.value());
  }

  @Test
  void doesNotStandBeforeInteractiveCalls() throws Exception {
    platform.close();
    platform =
        TestingPlatform.start(
            settings ->
                TestingPlatform.withLanes(
                    settings, new LaneSettings(10, 1, 10), new LaneSettings(1, 1, 100), 1));
    platform.store.reads.hang();
    try (ExecutorService callers = Executors.newFixedThreadPool(2)) {
      Future<ScoreBatchResponse> backfill =
          callers.submit(() -> platform.gateway.scoreBatch(batch("a", "b", "c", "d").build()));
      platform.store.reads.awaitHeld(1);
      Future<Scores> page = callers.submit(() -> platform.score("alice"));
      platform.store.reads.awaitHeld(2);
      assertThat(platform.store.requests).last().isEqualTo(request("alice"));
      platform.store.reads.heal();

      assertThat(page.get().getCustomerId()).isEqualTo("alice");
      assertThat(backfill.get().getOutcomesCount()).isEqualTo(4);
    }
  }

  private io.clientele.featurestore.v1.GetFeaturesRequest request(String customer) {
    return platform.store.requests.element().toBuilder()
        .clearCustomerIds()
        .addCustomerIds(customer)
        .build();
  }
}
