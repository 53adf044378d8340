package io.clientele.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.gateway.v1.CustomerStatus;
import io.clientele.gateway.v1.Provenance;
import io.clientele.gateway.v1.Scores;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class GatewayWarmUpTest {
  private static final Duration LONG = Duration.ofHours(1);

  @Test
  void runsThroughTheStoreAndTheScorerBeforeItServes() {
    try (TestingPlatform platform =
        TestingPlatform.start(settings -> TestingPlatform.withWarmUp(settings, LONG))) {
      assertThat(platform.store.requests)
          .isNotEmpty()
          .allSatisfy(
              request ->
                  assertThat(request.getCustomerIdsList())
                      .allSatisfy(customer -> assertThat(customer).startsWith("warm-up:")));
      assertThat(platform.scorer.requests).isNotEmpty();
    }
  }

  @Test
  void leavesNothingBehind() {
    try (TestingPlatform platform =
        TestingPlatform.start(settings -> TestingPlatform.withWarmUp(settings, LONG))) {
      assertThat(platform.metric("clientele_gateway_cache_entries")).isZero();
      for (Provenance provenance :
          List.of(Provenance.COMPUTED, Provenance.CACHED, Provenance.STALE, Provenance.PRIOR)) {
        assertThat(platform.metric("clientele_gateway_answers", provenance.name())).isZero();
      }
      assertThat(platform.score("warm-up:0").getCustomer()).isEqualTo(CustomerStatus.UNKNOWN);
    }
  }

  @Test
  void servesWithItsBreakersClosedWhereADependencyHangsInTheWarmUp() {
    try (TestingPlatform platform =
        TestingPlatform.startCold(
            settings -> TestingPlatform.withWarmUp(settings, Duration.ofMillis(300)),
            (store, scorer) -> scorer.infers.hang())) {
      platform.awaitServing();

      assertThat(platform.scorer.requests).isNotEmpty();
      assertThat(platform.metric("clientele_gateway_breaker_open", "scorer")).isZero();
      platform.scorer.infers.heal();
      platform.store.put("alice", 400, 7);
      Scores scores = platform.score("alice");
      assertThat(scores.getChurn().getOrigin().getProvenance()).isEqualTo(Provenance.COMPUTED);
    }
  }
}
