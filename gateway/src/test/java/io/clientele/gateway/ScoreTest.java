package io.clientele.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.Duration;
import io.clientele.gateway.v1.CustomerStatus;
import io.clientele.gateway.v1.ModelError;
import io.clientele.gateway.v1.NamedOutput;
import io.clientele.gateway.v1.Provenance;
import io.clientele.gateway.v1.ScoreRequest;
import io.clientele.gateway.v1.ScoreResponse;
import io.clientele.gateway.v1.Scores;
import io.clientele.gateway.v1.SegmentMembership;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a caller of Score gets while all is well. */
class ScoreTest {
  private TestingPlatform platform = TestingPlatform.start();

  @AfterEach
  void close() {
    platform.close();
  }

  private static ScoreRequest.Builder request(String customer) {
    return ScoreRequest.newBuilder().setCustomerId(customer);
  }

  @Test
  void computesEachModelsScoreFromTheCustomersFeatures() {
    platform.store.put("alice", 400, 7);

    Scores scores = platform.score("alice");

    assertThat(scores.getCustomerId()).isEqualTo("alice");
    assertThat(scores.getCustomer()).isEqualTo(CustomerStatus.FOUND);
    assertThat(scores.getFeatureVersion()).isEqualTo(7);
    assertThat(scores.getAsOf()).isEqualTo(TestingFeatureStore.AS_OF);
    assertThat(scores.getErrorsList()).isEmpty();
    assertThat(scores.getChurn().getProbability()).isEqualTo(0.4f);
    assertThat(scores.getChurn().getBand()).isEqualTo("medium");
    assertThat(scores.getChurn().getHorizonDays()).isEqualTo(90);
    assertThat(scores.getChurn().getOrigin().getModel()).isEqualTo("churn");
    assertThat(scores.getChurn().getOrigin().getModelVersion()).isEqualTo("1");
    assertThat(scores.getChurn().getOrigin().getProvenance()).isEqualTo(Provenance.COMPUTED);
    assertThat(scores.getChurn().getOrigin().getMissingInputs()).isEqualTo(1);
    assertThat(scores.getValue().getExpectedSpend()).isEqualTo(800);
    assertThat(scores.getValue().getTier()).isEqualTo("gold");
    assertThat(scores.getValue().getCurrency()).isEqualTo("USD");
    assertThat(scores.getValue().getOrigin().getMissingInputs()).isZero();
    assertThat(scores.getSegment().getId()).isEqualTo(20);
    assertThat(scores.getSegment().getName()).isEqualTo("hibernating");
    assertThat(scores.getSegment().getMembershipsList())
        .extracting(SegmentMembership::getName, SegmentMembership::getProbability)
        .containsExactly(tuple("loyal", 0.4f), tuple("hibernating", 0.6f));
    assertThat(scores.getOthersList()).hasSize(1);
    assertThat(scores.getOthers(0).getOrigin().getModel()).isEqualTo("reach");
    assertThat(scores.getOthers(0).getOutputsList())
        .containsExactly(
            NamedOutput.newBuilder().setName("by_mail").setValue(400).build(),
            NamedOutput.newBuilder().setName("by_phone").setValue(800).build());
  }

  @Test
  void countsTheInputsThatAreOlderThanTheirLimit() {
    platform.store.put("alice", 400, 7);
    platform.store.put("bob", 400, 7);
    platform.store.age("alice");

    Scores alice = platform.score("alice");
    Scores again = platform.score("alice");

    assertThat(alice.getChurn().getOrigin().getStaleInputs()).isEqualTo(1);
    assertThat(alice.getChurn().getOrigin().getMissingInputs()).isEqualTo(1);
    assertThat(alice.getChurn().getProbability()).isEqualTo(0.4f);
    assertThat(alice.getValue().getOrigin().getStaleInputs()).isZero();
    assertThat(again.getChurn().getOrigin().getProvenance()).isEqualTo(Provenance.CACHED);
    assertThat(again.getChurn().getOrigin().getStaleInputs()).isEqualTo(1);
    assertThat(platform.score("bob").getChurn().getOrigin().getStaleInputs()).isZero();
  }

  @Test
  void readsTheUnionOfTheModelsInputsInTheCatalogsOrder() {
    platform.score("alice");

    assertThat(platform.store.requests.element().getFeatures().getNamesList())
        .containsExactly("lateness", "orders", "spend");
  }

  @Test
  void answersFromTheCacheWhileItIsFresh() {
    platform.store.put("alice", 400, 7);
    platform.score("alice");
    platform.ticker.advance(java.time.Duration.ofMillis(250));
    platform.store.put("alice", 500, 8);

    Scores cached = platform.score("alice");
    platform.ticker.advance(java.time.Duration.ofMillis(750));
    Scores computed = platform.score("alice");

    assertThat(cached.getFeatureVersion()).isEqualTo(7);
    assertThat(cached.getChurn().getProbability()).isEqualTo(0.4f);
    assertThat(cached.getChurn().getOrigin().getProvenance()).isEqualTo(Provenance.CACHED);
    assertThat(cached.getChurn().getOrigin().getAgeMs()).isEqualTo(250);
    assertThat(computed.getFeatureVersion()).isEqualTo(8);
    assertThat(computed.getChurn().getOrigin().getProvenance()).isEqualTo(Provenance.COMPUTED);
    assertThat(computed.getChurn().getOrigin().getAgeMs()).isZero();
  }

  @Test
  void takesTheCallersMaxAgeShorterAndLonger() {
    platform.store.put("alice", 400, 7);
    platform.score("alice");
    platform.ticker.advance(java.time.Duration.ofMillis(100));

    Scores longer =
        platform.score(request("alice").setMaxAge(Duration.newBuilder().setSeconds(60)));
    Scores zero = platform.score(request("alice").setMaxAge(Duration.getDefaultInstance()));
    platform.ticker.advance(java.time.Duration.ofMillis(100));
    Scores shorter =
        platform.score(request("alice").setMaxAge(Duration.newBuilder().setNanos(50_000_000)));
    platform.ticker.advance(java.time.Duration.ofSeconds(30));
    Scores stillLonger =
        platform.score(request("alice").setMaxAge(Duration.newBuilder().setSeconds(60)));

    assertThat(longer.getChurn().getOrigin().getProvenance()).isEqualTo(Provenance.CACHED);
    assertThat(zero.getChurn().getOrigin().getProvenance()).isEqualTo(Provenance.COMPUTED);
    assertThat(shorter.getChurn().getOrigin().getProvenance()).isEqualTo(Provenance.COMPUTED);
    assertThat(stillLonger.getChurn().getOrigin().getProvenance()).isEqualTo(Provenance.CACHED);
    assertThat(stillLonger.getChurn().getOrigin().getAgeMs()).isEqualTo(30_000);
  }

  @Test
  void doesNotUseACachedScoreThatIsOlderThanTheCallersWrite() {
    platform.store.put("alice", 400, 7);
    platform.score("alice");
    platform.store.put("alice", 500, 8);

    Scores seven = platform.score(request("alice").setMinFeatureVersion(7));
    Scores eight = platform.score(request("alice").setMinFeatureVersion(8));

    assertThat(seven.getFeatureVersion()).isEqualTo(7);
    assertThat(seven.getChurn().getOrigin().getProvenance()).isEqualTo(Provenance.CACHED);
    assertThat(eight.getFeatureVersion()).isEqualTo(8);
    assertThat(eight.getChurn().getOrigin().getProvenance()).isEqualTo(Provenance.COMPUTED);
  }

  @Test
  void doesNotJoinALoadThatMayHaveReadBeforeTheCallersWrite() throws Exception {
    platform.store.put("alice", 400, 7);
    platform.store.reads.hang();
    try (ExecutorService callers = Executors.newFixedThreadPool(2)) {
      Future<Scores> before = callers.submit(() -> platform.score("alice"));
      platform.store.reads.awaitHeld(1);
      Future<Scores> after =
          callers.submit(() -> platform.score(request("alice").setMinFeatureVersion(8)));
      platform.store.reads.awaitHeld(2);
      platform.store.put("alice", 500, 8);
      platform.store.reads.heal();

      assertThat(before.get().getCustomer()).isEqualTo(CustomerStatus.FOUND);
      assertThat(after.get().getFeatureVersion()).isEqualTo(8);
    }
  }

  @Test
  void answersOnlyTheModelsAskedFor() {
    platform.store.put("alice", 400, 7);

    Scores churn = platform.score(request("alice").addModels("churn"));
    Scores others = platform.score(request("alice").addModels("value").addModels("reach"));

    assertThat(churn.hasChurn()).isTrue();
    assertThat(churn.hasValue() || churn.hasSegment()).isFalse();
    assertThat(churn.getOthersList()).isEmpty();
    assertThat(others.hasChurn() || others.hasSegment()).isFalse();
    assertThat(others.getValue().getOrigin().getProvenance()).isEqualTo(Provenance.CACHED);
    assertThat(others.getOthersList()).hasSize(1);
  }

  @Test
  void givesThePopulationsAnswerForACustomerNeverSeen() {
    Scores scores = platform.score("nobody");
    Scores again = platform.score("nobody");

    assertThat(again).isEqualTo(scores);
    assertThat(scores.getCustomer()).isEqualTo(CustomerStatus.UNKNOWN);
    assertThat(scores.getFeatureVersion()).isZero();
    assertThat(scores.getErrorsList()).isEmpty();
    assertThat(scores.getChurn().getProbability()).isEqualTo(0.5f);
    assertThat(scores.getChurn().getOrigin().getProvenance()).isEqualTo(Provenance.PRIOR);
    assertThat(scores.getValue().getExpectedSpend()).isEqualTo(33);
    assertThat(scores.getValue().getTier()).isEqualTo("bronze");
    assertThat(scores.getSegment().getName()).isEqualTo("hibernating");
    assertThat(scores.getOthers(0).getOutputs(1).getValue()).isEqualTo(2);
    assertThat(platform.scorer.requests).isEmpty();
  }

  @Test
  void computesACustomerNeverSeenAsSoonAsTheCallerKnowsOfAnEvent() {
    platform.score("alice");
    platform.store.put("alice", 400, 1);

    Scores scores = platform.score(request("alice").setMinFeatureVersion(1));

    assertThat(scores.getCustomer()).isEqualTo(CustomerStatus.FOUND);
    assertThat(scores.getChurn().getProbability()).isEqualTo(0.4f);
  }

  @Test
  void leavesTheOtherScoresInTheAnswerWhereAModelFails() {
    platform.store.put("alice", 400, 7);
    platform.scorer.modelFailures.put(
        "value", Status.INTERNAL.withDescription("the session broke"));

    Scores scores = platform.score("alice");

    assertThat(scores.hasValue()).isFalse();
    assertThat(scores.getChurn().getProbability()).isEqualTo(0.4f);
    assertThat(scores.getSegment().getName()).isEqualTo("hibernating");
    assertThat(scores.getErrorsList()).extracting(ModelError::getModel).containsExactly("value");
    assertThat(scores.getErrors(0).getError().getCode()).isEqualTo(Status.Code.INTERNAL.value());
    assertThat(scores.getErrors(0).getError().getMessage()).isEqualTo("the session broke");
  }

  @Test
  void passesNoOutputOnThatIsNotANumber() {
    platform.store.put("alice", Float.NaN, 7);
    platform.store.put("bob", 400, 7);

    Scores alice = platform.score("alice");
    Scores bob = platform.score("bob");

    assertThat(alice.getErrorsList())
        .extracting(ModelError::getModel)
        .containsExactly("churn", "reach", "segment", "value");
    assertThat(alice.getErrors(0).getError().getMessage())
        .isEqualTo("model churn: an output is not finite");
    assertThat(bob.getErrorsList()).isEmpty();
  }

  @Test
  void refusesBadRequestsWithTheFieldTheValueAndTheLimit() {
    assertRefused(request(""), "customer_id", "length: 0 bytes (expected: 1..256)");
    assertRefused(request("x".repeat(257)), "customer_id", "length: 257 bytes (expected: 1..256)");
    assertRefused(request("é".repeat(129)), "customer_id", "length: 258 bytes (expected: 1..256)");
    assertRefused(
        request("alice").addModels("churn").addModels("chrun"),
        "models[1]",
        "'chrun' (expected: one of churn, reach, segment, value)");
    assertRefused(
        request("alice").setMaxAge(Duration.newBuilder().setSeconds(-1)),
        "max_age",
        "-1s 0ns (expected: a duration >= 0s)");
    assertRefused(
        request("alice").setMinFeatureVersion(-5), "min_feature_version", "-5 (expected: >= 0)");
    assertThat(platform.store.requests).isEmpty();
  }

  private void assertRefused(ScoreRequest.Builder request, String field, String description) {
    TestingErrors.assertRefused(() -> platform.score(request), field, description);
  }

  @Test
  void acceptsTheLongestId() {
    String longest = "é".repeat(128);
    platform.store.put(longest, 400, 7);

    assertThat(platform.score(longest).getCustomer()).isEqualTo(CustomerStatus.FOUND);
  }

  @Test
  void sharesOneLoadAmongCallersOfOneCustomer() throws Exception {
    platform.store.put("alice", 400, 7);
    platform.store.reads.hang();
    List<Future<Scores>> scores = new ArrayList<>();
    try (ExecutorService callers = Executors.newFixedThreadPool(8)) {
      for (int i = 0; i < 8; i++) {
        scores.add(callers.submit(() -> platform.score("alice")));
      }
      platform.store.reads.awaitHeld(1);
      platform.awaitCallers(8);
      platform.store.reads.heal();
      for (Future<Scores> score : scores) {
        assertThat(score.get().getChurn().getProbability()).isEqualTo(0.4f);
      }
    }
    assertThat(platform.store.requests).hasSize(1);
    assertThat(platform.scorer.requests).hasSize(1);
  }

  @Test
  void givesEachOfManyCallersItsOwnCustomersScores() throws Exception {
    int customers = 200;
    for (int i = 0; i < customers; i++) {
      platform.store.put("customer-" + i, i, i + 1);
    }
    try (ExecutorService callers = Executors.newFixedThreadPool(16)) {
      List<Future<Scores>> scores = new ArrayList<>();
      for (int call = 0; call < 4_000; call++) {
        String customer = "customer-" + call % customers;
        scores.add(
            callers.submit(
                () -> platform.score(request(customer).setMaxAge(Duration.getDefaultInstance()))));
      }
      for (int call = 0; call < scores.size(); call++) {
        Scores answer = scores.get(call).get();
        int i = call % customers;
        assertThat(answer.getCustomerId()).isEqualTo("customer-" + i);
        assertThat(answer.getFeatureVersion()).isEqualTo(i + 1);
        assertThat(answer.getValue().getExpectedSpend()).isEqualTo(2 * i);
        assertThat(answer.getChurn().getProbability()).isEqualTo(i / 1000f);
      }
    }
    assertThat(platform.store.requests.size()).isLessThan(4_000);
  }

  @Test
  void refusesCallsBeyondThoseThatMayWait() throws Exception {
    platform.close();
    platform =
        TestingPlatform.start(
            settings ->
                TestingPlatform.withLanes(settings, new LaneSettings(1, 1, 2), settings.bulk(), 1));
    platform.store.reads.hang();
    try (ExecutorService callers = Executors.newFixedThreadPool(2)) {
      Future<Scores> first = callers.submit(() -> platform.score("alice"));
      Future<Scores> second = callers.submit(() -> platform.score("bob"));
      platform.awaitCallers(2);

      assertThatThrownBy(() -> platform.score("carol"))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                assertThat(e.getStatus().getDescription())
                    .isEqualTo("score queue is full (limit: 2)");
              });
      assertThat(platform.metric("clientele_gateway_refused", "interactive")).isEqualTo(1);
      platform.store.reads.heal();
      assertThat(first.get().getCustomerId()).isEqualTo("alice");
      assertThat(second.get().getCustomerId()).isEqualTo("bob");
    }
  }

  @Test
  void countsAnswersByProvenance() {
    platform.store.put("alice", 400, 7);
    platform.score("alice");
    platform.score("alice");
    platform.score("alice");
    platform.score("nobody");

    assertThat(platform.metric("clientele_gateway_answers", "COMPUTED")).isEqualTo(1);
    assertThat(platform.metric("clientele_gateway_answers", "CACHED")).isEqualTo(2);
    assertThat(platform.metric("clientele_gateway_answers", "PRIOR")).isEqualTo(1);
    assertThat(platform.metric("clientele_gateway_answers", "STALE")).isZero();
  }

  @Test
  void passesTheCallersDeadlineOn() {
    platform.store.put("alice", 400, 7);

    ScoreResponse response =
        platform
            .gateway
            .withDeadlineAfter(java.time.Duration.ofSeconds(10))
            .score(request("alice").build());

    assertThat(response.getScores().getCustomer()).isEqualTo(CustomerStatus.FOUND);
    assertThat(platform.store.remainingNs.element())
        .isPositive()
        .isLessThanOrEqualTo(java.time.Duration.ofSeconds(10).toNanos());
  }
}
