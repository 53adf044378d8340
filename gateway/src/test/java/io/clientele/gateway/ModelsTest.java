package io.clientele.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Status;
import io.clientele.featurestore.v1.Feature;
import io.clientele.featurestore.v1.GetCatalogResponse;
import io.clientele.gateway.v1.Origin;
import io.clientele.gateway.v1.Scores;
import io.clientele.scorer.v1.Band;
import io.clientele.scorer.v1.Model;
import io.clientele.scorer.v1.ModelState;
import io.clientele.scorer.v1.Task;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ModelsTest {
  private static final GetCatalogResponse CATALOG =
      GetCatalogResponse.newBuilder()
          .setCatalogHash("hash")
          .addFeatures(feature("lateness"))
          .addFeatures(feature("orders"))
          .addFeatures(feature("spend"))
          .build();

  private static Feature feature(String name) {
    return Feature.newBuilder().setName(name).setDefinition(name + "-defined").build();
  }

  private static Model churn(String name) {
    return TestingScorer.CHURN.toBuilder().setName(name).build();
  }

  private static ServedModel model(Models models, String name) {
    return Objects.requireNonNull(models.model(name));
  }

  @Test
  void givesATasksPlaceToItsNamesakeElseToTheFirstByName() {
    Models namesake = Models.of(List.of(churn("attrition"), churn("churn")), CATALOG);
    Models first = Models.of(List.of(churn("leaving"), churn("attrition")), CATALOG);

    assertThat(model(namesake, "churn").task()).isEqualTo(Task.CHURN);
    assertThat(model(namesake, "attrition").task()).isEqualTo(Task.OTHER);
    assertThat(model(first, "attrition").task()).isEqualTo(Task.CHURN);
    assertThat(model(first, "leaving").task()).isEqualTo(Task.OTHER);
  }

  @Test
  void countsOnlyModelsThatServe() {
    Models models =
        Models.of(
            List.of(
                TestingScorer.CHURN,
                TestingScorer.VALUE.toBuilder().setState(ModelState.REFUSED).build(),
                TestingScorer.CHURN.toBuilder()
                    .setVersion("0")
                    .setState(ModelState.SUPERSEDED)
                    .build()),
            CATALOG);

    assertThat(models.runningNames()).containsExactly("churn");
    assertThat(model(models, "churn").version()).isEqualTo("1");
  }

  @Test
  void staysTheSameObjectWhileNothingChanges() {
    Models models = Models.of(List.of(TestingScorer.CHURN, TestingScorer.VALUE), CATALOG);

    assertThat(models.with(List.of(TestingScorer.VALUE, TestingScorer.CHURN), CATALOG))
        .isSameAs(models);
    assertThat(models.with(null, null)).isSameAs(models);
    assertThat(models.with(List.of(TestingScorer.CHURN), null)).isNotSameAs(models);
    assertThat(models.with(null, CATALOG.toBuilder().setCatalogHash("other").build()))
        .isNotSameAs(models);
  }

  @Test
  void readsOneColumnWhereNoModelRuns() {
    assertThat(Models.of(List.of(), CATALOG).columns()).containsExactly("lateness");
  }

  @Test
  void doesNotUseAModelThatContradictsItself() {
    assertThat(problem(TestingScorer.CHURN.toBuilder().addPrior(1).build()))
        .isEqualTo("model churn 1: prior: 2 numbers (expected: 1)");
    assertThat(problem(TestingScorer.CHURN.toBuilder().addOutputs("b").addPrior(1).build()))
        .isEqualTo("model churn 1: outputs: 2 (expected: 1)");
    assertThat(problem(TestingScorer.SEGMENT.toBuilder().removeSegments(0).build()))
        .isEqualTo("model segment 1: outputs: 2 (expected: 1)");
    assertThat(problem(TestingScorer.REACH.toBuilder().clearOutputs().clearPrior().build()))
        .isEqualTo("model reach 1: outputs: 0 (expected: 1)");
  }

  private static String problem(Model model) {
    Status problem = model(Models.of(List.of(model), CATALOG), model.getName()).problem();
    return Objects.requireNonNull(problem).getMessage();
  }

  @Test
  void namesTheBandBelowWhoseUpperBoundAValueIs() {
    assertThat(band(0.349f)).isEqualTo("low");
    assertThat(band(0.35f)).isEqualTo("medium");
    assertThat(band(0.7f)).isEqualTo("high");
    assertThat(band(1)).isEqualTo("high");
  }

  @Test
  void namesTheLastBandAboveAllBoundsAndNoneWhereThereIsNone() {
    Model bounded =
        TestingScorer.CHURN.toBuilder()
            .clearBands()
            .addBands(Band.newBuilder().setName("only").setUpper(0.5f))
            .build();
    Model bare = TestingScorer.CHURN.toBuilder().clearBands().build();

    assertThat(band(bounded, 0.9f)).isEqualTo("only");
    assertThat(band(bare, 0.9f)).isEmpty();
  }

  private static String band(float probability) {
    return band(TestingScorer.CHURN, probability);
  }

  private static String band(Model manifest, float probability) {
    Scores.Builder scores = Scores.newBuilder();
    model(Models.of(List.of(manifest), CATALOG), "churn")
        .writer()
        .write(new float[] {9, probability}, 1, Origin.getDefaultInstance(), scores);
    return scores.getChurn().getBand();
  }
}
