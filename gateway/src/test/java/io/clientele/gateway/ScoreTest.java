package io.clientele.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.gateway.v1.CustomerStatus;
import io.clientele.gateway.v1.Provenance;
import io.clientele.gateway.v1.Scores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a caller of Score gets while all is well. */
class ScoreTest {
  private final TestingPlatform platform = TestingPlatform.start();

  @AfterEach
  void close() {
    platform.close();
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
  }
}
