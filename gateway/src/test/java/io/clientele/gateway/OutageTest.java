package io.clientele.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Duration;
import io.clientele.gateway.v1.CustomerStatus;
import io.clientele.gateway.v1.ModelError;
import io.clientele.gateway.v1.Outcome;
import io.clientele.gateway.v1.Provenance;
import io.clientele.gateway.v1.ScoreBatchRequest;
import io.clientele.gateway.v1.ScoreRequest;
import io.clientele.gateway.v1.Scores;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What a caller gets while the feature store or the scorer is away, and after. */
class OutageTest {
  private static final java.time.Duration SECOND = java.time.Duration.ofSeconds(1);

  private static Provenance provenance(Scores scores) {
    return scores.getChurn().getOrigin().getProvenance();
  }

  @Test
  void answersTheLastKnownScoreWhileTheStoreIsAway() {
    try (TestingPlatform platform = TestingPlatform.start()) {
      platform.store.put("alice", 400, 7);
      platform.score("alice");
      platform.ticker.advance(java.time.Duration.ofSeconds(42));
      platform.store.reads.fail(Status.UNAVAILABLE);

      Scores stale = platform.score("alice");

      assertThat(stale.getCustomer()).isEqualTo(CustomerStatus.FOUND);
      assertThat(stale.getFeatureVersion()).isEqualTo(7);
      assertThat(stale.getErrorsList()).isEmpty();
      assertThat(stale.getChurn().getProbability()).isEqualTo(0.4f);
      assertThat(provenance(stale)).isEqualTo(Provenance.STALE);
      assertThat(stale.getChurn().getOrigin().getAgeMs()).isEqualTo(42_000);

      platform.store.reads.heal();
      assertThat(provenance(platform.score("alice"))).isEqualTo(Provenance.COMPUTED);
    }
  }

  @Test
  void answersTheLastKnownScoreWhileTheScorerIsAway() {
    try (TestingPlatform platform = TestingPlatform.start()) {
      platform.store.put("alice", 400, 7);
      platform.score("alice");
      platform.ticker.advance(SECOND);
      platform.scorer.infers.fail(Status.RESOURCE_EXHAUSTED);

      assertThat(provenance(platform.score("alice"))).isEqualTo(Provenance.STALE);
    }
  }

  @Test
  void oneDamagedCustomerDoesNotSpoilTheOthers() {
    try (TestingPlatform platform = TestingPlatform.start()) {
      platform.store.put("alice", 400, 7);
      platform.store.put("bob", 600, 3);
      platform.store.put("carol", 200, 5);
      platform.score("carol");
      platform.store.damage("bob");
      platform.store.damage("carol");
      platform.change("carol", 6);

      List<Outcome> outcomes =
          platform
              .gateway
              .scoreBatch(
                  ScoreBatchRequest.newBuilder()
                      .addCustomerIds("alice")
                      .addCustomerIds("bob")
                      .addCustomerIds("carol")
                      .addCustomerIds("stranger")
                      .build())
              .getOutcomesList();

      assertThat(outcomes)
          .extracting(outcome -> provenance(outcome.getScores()))
          .containsExactly(
              Provenance.COMPUTED, Provenance.PRIOR, Provenance.STALE, Provenance.PRIOR);
      Scores bob = outcomes.get(1).getScores();
      assertThat(bob.getCustomer()).isEqualTo(CustomerStatus.UNDETERMINED);
      assertThat(bob.getFeatureVersion()).isEqualTo(3);
      assertThat(bob.getChurn().getProbability()).isEqualTo(0.5f);
      assertThat(bob.getErrorsList()).hasSize(4);
      assertThat(bob.getErrors(0).getError().getMessage())
          .isEqualTo("customer: its state in the feature store is damaged");
      assertThat(outcomes.get(2).getScores().getChurn().getProbability()).isEqualTo(0.2f);
      assertThat(outcomes.get(3).getScores().getCustomer()).isEqualTo(CustomerStatus.UNKNOWN);
    }
  }

  @Test
  void tellsADamagedCustomerAlsoWhileTheScorerIsAway() {
    try (TestingPlatform platform = TestingPlatform.start()) {
      platform.store.put("alice", 400, 7);
      platform.store.put("bob", 600, 3);
      platform.store.damage("bob");
      platform.scorer.infers.fail(Status.UNAVAILABLE);

      List<Outcome> outcomes =
          platform
              .gateway
              .scoreBatch(
                  ScoreBatchRequest.newBuilder()
                      .addCustomerIds("alice")
                      .addCustomerIds("bob")
                      .build())
              .getOutcomesList();

      assertThat(outcomes)
          .extracting(outcome -> outcome.getScores().getCustomer())
          .containsExactly(CustomerStatus.FOUND, CustomerStatus.UNDETERMINED);
      assertThat(outcomes)
          .extracting(outcome -> outcome.getScores().getErrors(0).getError().getCode())
          .containsExactly(
              Status.Code.UNAVAILABLE.value(), Status.Code.FAILED_PRECONDITION.value());
    }
  }

  @Test
  void saysThatTheStoreHasLostTheCallersWrite() {
    try (TestingPlatform platform = TestingPlatform.start()) {
      platform.store.put("alice", 400, 7);

      Scores scores =
          platform.score(ScoreRequest.newBuilder().setCustomerId("alice").setMinFeatureVersion(8));

      assertThat(provenance(scores)).isEqualTo(Provenance.STALE);
      assertThat(scores.getFeatureVersion()).isEqualTo(7);
      assertThat(scores.getChurn().getProbability()).isEqualTo(0.4f);
      assertThat(scores.getErrorsList()).isEmpty();
    }
  }

  @Test
  void answersThePopulationsScoreWhereNothingIsKnown() {
    try (TestingPlatform platform = TestingPlatform.start()) {
      platform.store.reads.fail(Status.UNAVAILABLE.withDescription("redis is unavailable"));

      Scores prior = platform.score("alice");

      assertThat(prior.getCustomer()).isEqualTo(CustomerStatus.UNDETERMINED);
      assertThat(provenance(prior)).isEqualTo(Provenance.PRIOR);
      assertThat(prior.getChurn().getProbability()).isEqualTo(0.5f);
      assertThat(prior.getErrorsList())
          .extracting(ModelError::getModel)
          .containsExactly("churn", "reach", "segment", "value");
      assertThat(prior.getErrors(0).getError().getCode())
          .isEqualTo(Status.Code.UNAVAILABLE.value());
      assertThat(prior.getErrors(0).getError().getMessage())
          .contains("feature-store is unavailable", "redis is unavailable");
    }
  }

  @Test
  void tellsThatACustomerIsKnownWhereOnlyTheScorerIsAway() {
    try (TestingPlatform platform = TestingPlatform.start()) {
      platform.store.put("alice", 400, 7);
      platform.scorer.infers.fail(Status.UNAVAILABLE);

      Scores alice = platform.score("alice");
      Scores nobody = platform.score("nobody");

      assertThat(alice.getCustomer()).isEqualTo(CustomerStatus.FOUND);
      assertThat(alice.getFeatureVersion()).isEqualTo(7);
      assertThat(provenance(alice)).isEqualTo(Provenance.PRIOR);
      assertThat(alice.getErrors(0).getError().getMessage()).contains("scorer is unavailable");
      assertThat(nobody.getCustomer()).isEqualTo(CustomerStatus.UNKNOWN);
      assertThat(nobody.getErrorsList()).isEmpty();
    }
  }

  @Test
  void neverShowsAnOutageAsAnAbsence() {
    try (TestingPlatform platform = TestingPlatform.start()) {
      assertThat(platform.score("alice").getCustomer()).isEqualTo(CustomerStatus.UNKNOWN);
      platform.ticker.advance(SECOND);
      platform.store.reads.fail(Status.UNAVAILABLE);

      assertThat(platform.score("alice").getCustomer()).isEqualTo(CustomerStatus.UNDETERMINED);
    }
  }

  @Test
  void doesNotAnswerWithAScoreThatIsOlderThanTheCallersWrite() {
    try (TestingPlatform platform = TestingPlatform.start()) {
      platform.store.put("alice", 400, 7);
      platform.score("alice");
      platform.store.reads.fail(Status.UNAVAILABLE);

      Scores scores =
          platform.score(ScoreRequest.newBuilder().setCustomerId("alice").setMinFeatureVersion(8));

      assertThat(provenance(scores)).isEqualTo(Provenance.PRIOR);
      assertThat(scores.getCustomer()).isEqualTo(CustomerStatus.UNDETERMINED);
    }
  }

  @Test
  void answersStaleWhereTheCallerWantedItComputed() {
    try (TestingPlatform platform = TestingPlatform.start()) {
      platform.store.put("alice", 400, 7);
      platform.score("alice");
      platform.store.reads.fail(Status.UNAVAILABLE);

      Scores scores =
          platform.score(
              ScoreRequest.newBuilder()
                  .setCustomerId("alice")
                  .setMaxAge(Duration.getDefaultInstance()));

      assertThat(provenance(scores)).isEqualTo(Provenance.STALE);
    }
  }

  @Test
  void forgetsTheLastKnownScoreAfterTheRetention() {
    try (TestingPlatform platform = TestingPlatform.start()) {
      platform.store.put("alice", 400, 7);
      platform.score("alice");
      platform.store.reads.fail(Status.UNAVAILABLE);

      platform.ticker.advance(java.time.Duration.ofMinutes(10).minusNanos(1));
      Provenance before = provenance(platform.score("alice"));
      platform.ticker.advance(java.time.Duration.ofNanos(1));
      Provenance after = provenance(platform.score("alice"));

      assertThat(before).isEqualTo(Provenance.STALE);
      assertThat(after).isEqualTo(Provenance.PRIOR);
    }
  }

  @Test
  void endsAHangingStoreByTheTimeout() {
    try (TestingPlatform platform = TestingPlatform.start(OutageTest::impatient)) {
      platform.store.put("alice", 400, 7);
      platform.store.reads.hang();

      Scores scores = platform.score("alice");

      assertThat(provenance(scores)).isEqualTo(Provenance.PRIOR);
      assertThat(scores.getErrors(0).getError().getMessage()).contains("DEADLINE_EXCEEDED");
    }
  }

  @Test
  void endsAHangingScorerByTheTimeout() {
    try (TestingPlatform platform = TestingPlatform.start(OutageTest::impatient)) {
      platform.store.put("alice", 400, 7);
      platform.scorer.infers.hang();

      Scores scores = platform.score("alice");

      assertThat(provenance(scores)).isEqualTo(Provenance.PRIOR);
      assertThat(scores.getCustomer()).isEqualTo(CustomerStatus.FOUND);
    }
  }

  @Test
  void letsACallersOwnDeadlineEndItsWaitAndNotThatOfOthers() throws Exception {
    try (TestingPlatform platform = TestingPlatform.start();
        ExecutorService callers = Executors.newFixedThreadPool(2)) {
      platform.store.put("alice", 400, 7);
      platform.store.reads.hang();
      Future<Scores> patient = callers.submit(() -> platform.score("alice"));
      platform.store.reads.awaitHeld(1);

      assertThatThrownBy(
              () ->
                  platform
                      .gateway
                      .withDeadlineAfter(java.time.Duration.ofMillis(50))
                      .score(ScoreRequest.newBuilder().setCustomerId("alice").build()))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
      platform.store.reads.heal();

      assertThat(provenance(patient.get())).isEqualTo(Provenance.COMPUTED);
    }
  }

  @Test
  void opensTheBreakerAndClosesItAgain() {
    try (TestingPlatform platform = TestingPlatform.start()) {
      platform.store.put("alice", 400, 7);
      platform.store.reads.fail(Status.UNAVAILABLE);
      for (int call = 0; call < 4; call++) {
        platform.score("alice");
      }
      int asked = platform.store.requests.size();
      platform.store.reads.heal();

      Scores whileOpen = platform.score("alice");
      assertThat(provenance(whileOpen)).isEqualTo(Provenance.PRIOR);
      assertThat(whileOpen.getErrors(0).getError().getMessage()).contains("breaker is open");
      assertThat(platform.store.requests).hasSize(asked);
      assertThat(platform.metric("clientele_gateway_breaker_open", "feature-store")).isEqualTo(1);

      platform.ticker.advance(SECOND.plusNanos(1));
      assertThat(provenance(platform.score("alice"))).isEqualTo(Provenance.COMPUTED);
      assertThat(platform.metric("clientele_gateway_breaker_open", "feature-store")).isEqualTo(0.5);
      platform.ticker.advance(SECOND.plusNanos(1));
      assertThat(provenance(platform.score("alice"))).isEqualTo(Provenance.COMPUTED);
      assertThat(platform.metric("clientele_gateway_breaker_open", "feature-store")).isZero();
    }
  }

  @Test
  void opensTheBreakerOfADependencyThatHangs() {
    try (TestingPlatform platform = TestingPlatform.start(OutageTest::impatient)) {
      platform.store.put("alice", 400, 7);
      platform.scorer.infers.hang();

      for (int call = 0; call < 4; call++) {
        platform.score("alice");
      }
      Scores scores = platform.score("alice");

      assertThat(platform.scorer.requests).hasSize(4);
      assertThat(scores.getErrors(0).getError().getMessage()).contains("breaker is open");
    }
  }

  @Test
  void doesNotCountRefusedQuestionsAgainstADependency() {
    try (TestingPlatform platform = TestingPlatform.start()) {
      platform.store.put("alice", 400, 7);
      platform.scorer.infers.fail(Status.INVALID_ARGUMENT.withDescription("no such thing"));
      for (int call = 0; call < 8; call++) {
        Scores scores = platform.score("alice");
        assertThat(scores.getErrors(0).getError().getCode())
            .isEqualTo(Status.Code.INVALID_ARGUMENT.value());
      }
      platform.scorer.infers.heal();

      assertThat(provenance(platform.score("alice"))).isEqualTo(Provenance.COMPUTED);
    }
  }

  @Test
  void recoversByItselfWhenAStoreThatWasGoneIsBack() {
    try (TestingPlatform platform =
        TestingPlatform.start(
            settings ->
                TestingPlatform.withModelPeriod(settings, java.time.Duration.ofMillis(20)))) {
      platform.store.put("alice", 400, 7);
      platform.stopStore();
      assertThat(provenance(platform.score("alice"))).isEqualTo(Provenance.PRIOR);

      platform.startStore();

      Scores scores = platform.score("alice");
      while (provenance(scores) == Provenance.PRIOR) {
        platform.ticker.advance(SECOND.plusNanos(1));
        scores = platform.score("alice");
      }
      assertThat(provenance(scores)).isEqualTo(Provenance.COMPUTED);
    }
  }

  @Test
  void staysServingWhileADependencyIsAway() {
    try (TestingPlatform platform = TestingPlatform.start()) {
      platform.store.reads.fail(Status.UNAVAILABLE);
      platform.store.catalogReads.fail(Status.UNAVAILABLE);
      platform.scorer.lists.fail(Status.UNAVAILABLE);
      platform.score("alice");

      platform.awaitServing();
    }
  }

  @Test
  void isUnavailableWhereNotEvenTheModelsAreKnown() {
    try (TestingPlatform platform =
        TestingPlatform.startCold(
            (store, scorer) -> scorer.lists.fail(Status.UNAVAILABLE.withDescription("starting")))) {
      assertThat(platform.isServing()).isFalse();
      assertThatThrownBy(() -> platform.score("alice"))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                assertThat(e.getStatus().getDescription())
                    .contains("scorer is unavailable", "starting");
              });

      platform.scorer.lists.heal();
      platform.awaitServing();
      assertThat(provenance(platform.score("alice"))).isEqualTo(Provenance.PRIOR);
    }
  }

  @Test
  void knowsThePopulationsAnswerBeforeItEverReachedTheStore() {
    try (TestingPlatform platform =
        TestingPlatform.startCold((store, scorer) -> store.catalogReads.fail(Status.UNAVAILABLE))) {
      platform.store.put("alice", 400, 7);

      Scores scores = platform.score("alice");
      assertThat(platform.isServing()).isFalse();
      assertThat(scores.getCustomer()).isEqualTo(CustomerStatus.UNDETERMINED);
      assertThat(provenance(scores)).isEqualTo(Provenance.PRIOR);
      assertThat(scores.getErrors(0).getError().getMessage())
          .contains("feature-store is unavailable");

      platform.store.catalogReads.heal();
      platform.awaitServing();
      assertThat(provenance(platform.score("alice"))).isEqualTo(Provenance.COMPUTED);
    }
  }

  @Test
  void waitsLongerForTheCatalogThanForFeatures() {
    java.time.Duration second = java.time.Duration.ofSeconds(1);
    java.time.Duration hour = java.time.Duration.ofHours(1);
    try (TestingPlatform platform =
        TestingPlatform.start(
            settings ->
                TestingPlatform.withModelTimeout(
                    TestingPlatform.withTimeout(settings, second), hour))) {
      platform.score("alice");

      assertThat(platform.store.catalogRemainingNs.peek()).isGreaterThan(second.toNanos());
      assertThat(platform.store.remainingNs.peek()).isLessThanOrEqualTo(second.toNanos());
    }
  }

  @Test
  void doesNotWaitForACatalogThatHangsLongerThanForFeatures() {
    try (TestingPlatform platform =
        TestingPlatform.start(
            settings ->
                TestingPlatform.withModelTimeout(
                    impatient(settings), java.time.Duration.ofHours(1)))) {
      platform.store.reads.fail(Status.FAILED_PRECONDITION.withDescription("another catalog"));
      platform.store.catalogReads.hang();

      Scores scores =
          platform
              .gateway
              .withDeadlineAfter(java.time.Duration.ofSeconds(30))
              .score(ScoreRequest.newBuilder().setCustomerId("alice").build())
              .getScores();

      assertThat(provenance(scores)).isEqualTo(Provenance.PRIOR);
      assertThat(scores.getErrors(0).getError().getMessage()).contains("another catalog");
      platform.store.catalogReads.heal();
    }
  }

  private static GatewaySettings impatient(GatewaySettings settings) {
    return TestingPlatform.withTimeout(settings, java.time.Duration.ofMillis(200));
  }
}
