package io.clientele.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.gateway.v1.ModelError;
import io.clientele.gateway.v1.Provenance;
import io.clientele.gateway.v1.ScoreRequest;
import io.clientele.gateway.v1.Scores;
import io.clientele.scorer.v1.Model;
import io.clientele.scorer.v1.Segment;
import io.grpc.Status;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens when models and catalogs change under a gateway that runs. */
class ModelChangesTest {
  private static final Model SEGMENT_2 =
      TestingScorer.SEGMENT.toBuilder()
          .setVersion("2")
          .clearSegments()
          .addSegments(Segment.newBuilder().setId(30).setName("champions"))
          .addSegments(Segment.newBuilder().setId(40).setName("lost"))
          .addSegments(Segment.newBuilder().setId(50).setName("new"))
          .addOutputs("new")
          .addPrior(0)
          .build();

  private TestingPlatform platform = TestingPlatform.start();

  @BeforeEach
  void knowAlice() {
    platform.store.put("alice", 700, 7);
  }

  @AfterEach
  void close() {
    platform.close();
  }

  private Scores computed() {
    return platform.score(
        ScoreRequest.newBuilder()
            .setCustomerId("alice")
            .setMaxAge(com.google.protobuf.Duration.getDefaultInstance()));
  }

  @Test
  void readsOutputsWithTheNamesOfTheVersionThatMadeThem() {
    assertThat(computed().getSegment().getName()).isEqualTo("loyal");
    platform.scorer.listed.put("segment", SEGMENT_2);

    Scores scores = computed();

    assertThat(scores.getSegment().getName()).isEqualTo("champions");
    assertThat(scores.getSegment().getId()).isEqualTo(30);
    assertThat(scores.getSegment().getMembershipsCount()).isEqualTo(3);
    assertThat(scores.getSegment().getOrigin().getModelVersion()).isEqualTo("2");
  }

  @Test
  void givesAnErrorWhereAVersionRunsThatIsNotListed() {
    platform.scorer.running.put("segment", SEGMENT_2);

    Scores scores = computed();

    assertThat(scores.hasSegment()).isFalse();
    assertThat(scores.getChurn().getProbability()).isEqualTo(0.7f);
    assertThat(scores.getErrorsList()).extracting(ModelError::getModel).containsExactly("segment");
    assertThat(scores.getErrors(0).getError().getCode())
        .isEqualTo(Status.Code.FAILED_PRECONDITION.value());
    assertThat(scores.getErrors(0).getError().getMessage())
        .isEqualTo("model segment: version 2 ran (expected: 1)");
  }

  @Test
  void doesNotUseACachedScoreOfAnotherVersion() {
    platform.score("alice");
    platform.scorer.listed.put("segment", SEGMENT_2);
    computed();
    assertThat(platform.score("alice").getSegment().getOrigin().getProvenance())
        .isEqualTo(Provenance.CACHED);
    platform.scorer.listed.put("segment", TestingScorer.SEGMENT);
    platform.store.put("bob", 100, 1);
    platform.score("bob");

    Scores scores = platform.score("alice");

    assertThat(scores.getSegment().getOrigin().getProvenance()).isEqualTo(Provenance.COMPUTED);
    assertThat(scores.getSegment().getName()).isEqualTo("loyal");
  }

  @Test
  void answersAnOldVersionsScoreWithItsOwnNamesWhileTheStoreIsAway() {
    platform.score("alice");
    platform.scorer.listed.put("segment", SEGMENT_2);
    platform.store.put("bob", 100, 1);
    platform.score("bob");
    platform.store.reads.fail(Status.UNAVAILABLE);

    Scores scores = platform.score("alice");

    assertThat(scores.getSegment().getName()).isEqualTo("loyal");
    assertThat(scores.getSegment().getOrigin().getModelVersion()).isEqualTo("1");
    assertThat(scores.getSegment().getOrigin().getProvenance()).isEqualTo(Provenance.STALE);
  }

  @Test
  void followsTheStoreToAnotherCatalog() {
    computed();
    platform.store.redefine("hash-2", Map.of());

    assertThat(computed().getChurn().getProbability()).isEqualTo(0.7f);
  }

  @Test
  void doesNotRunAModelWhoseFeatureIsDefinedAnew() {
    computed();
    platform.store.redefine("hash-2", Map.of("spend", "spend-otherwise"));

    Scores scores = computed();

    assertThat(scores.hasValue()).isFalse();
    assertThat(scores.getChurn().getProbability()).isEqualTo(0.7f);
    assertThat(scores.getErrorsList())
        .extracting(ModelError::getModel)
        .containsExactly("reach", "value");
    assertThat(scores.getErrors(1).getError().getCode())
        .isEqualTo(Status.Code.FAILED_PRECONDITION.value());
    assertThat(scores.getErrors(1).getError().getMessage())
        .isEqualTo(
            "model value 1: feature spend has definition spend-otherwise in the catalog (expected:"
                + " spend-defined, of its training)");
    assertThat(platform.scorer.requests)
        .last()
        .extracting(r -> r.getColumnsList().contains("spend"))
        .isEqualTo(false);
  }

  @Test
  void doesNotRunAModelWhoseFeatureIsNotInTheCatalog() {
    platform.scorer.listed.put(
        "extra",
        TestingScorer.REACH.toBuilder()
            .setName("extra")
            .addInputs(
                io.clientele.scorer.v1.ModelInput.newBuilder().setName("age").setDefinition("d"))
            .build());
    platform.store.redefine("hash-2", Map.of());

    Scores scores = computed();

    assertThat(scores.getErrorsList()).extracting(ModelError::getModel).containsExactly("extra");
    assertThat(scores.getErrors(0).getError().getMessage())
        .isEqualTo("model extra 1: feature age is not in the catalog (expected: definition d)");
    assertThat(scores.getOthersList()).hasSize(1);
  }

  @Test
  void leavesOutAModelThatWasTakenAway() {
    computed();
    platform.scorer.listed.remove("reach");

    Scores scores = computed();

    assertThat(scores.getOthersList()).isEmpty();
    assertThat(scores.getChurn().getProbability()).isEqualTo(0.7f);
  }

  @Test
  void looksForNewModelsEveryPeriod() {
    platform.close();
    platform =
        TestingPlatform.start(
            settings -> TestingPlatform.withModelPeriod(settings, Duration.ofMillis(10)));
    platform.store.put("alice", 700, 7);
    platform.scorer.listed.put("second", TestingScorer.CHURN.toBuilder().setName("second").build());

    Scores scores = computed();
    while (scores.getOthersCount() < 2) {
      scores = computed();
    }

    assertThat(scores.getChurn().getOrigin().getModel()).isEqualTo("churn");
    assertThat(scores.getOthersList())
        .extracting(other -> other.getOrigin().getModel())
        .containsExactly("reach", "second");
  }
}
