package io.clientele.scorer.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.scorer.TestingGraph;
import io.clientele.scorer.TestingModel;
import io.clientele.scorer.inference.OnnxModel;
import io.clientele.scorer.inference.OnnxSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelRepositoryTest {
  @TempDir private Path root;

  @Test
  void servesTheNewestVersionOfEachModel() {
    TestingModel.churn("a", "b").version("2").write(root);
    TestingModel.churn("a", "b").version("10").write(root);
    TestingModel.segment("a").write(root);
    try (LoadedModels models = load()) {
      assertThat(models.serving().models())
          .map(OnnxModel::toString)
          .containsExactly("churn 10", "segment 1");
      assertThat(models.reports())
          .map(report -> report.version() + " " + report.state())
          .containsExactly("10 SERVING", "2 SUPERSEDED", "1 SERVING");
    }
  }

  @Test
  void fallsBackToTheVersionBeforeARefusedOne() {
    TestingModel.churn("a").version("1").write(root);
    TestingModel broken = TestingModel.churn("a").version("2");
    broken.onnx().put("sha256", "0".repeat(64));
    broken.write(root);
    try (LoadedModels models = load()) {
      assertThat(models.serving().models()).map(OnnxModel::toString).containsExactly("churn 1");
      assertThat(models.reports())
          .map(ModelReport::state)
          .containsExactly(ModelState.REFUSED, ModelState.SERVING);
    }
  }

  @Test
  void refusesAFileThatIsNotTheOneOfTheManifest() {
    TestingModel model = TestingModel.churn("a");
    model.onnx().put("sha256", "0".repeat(64));
    assertThat(refusal(model.write(root)))
        .startsWith(root.resolve("churn/1/model.onnx") + ": sha256: ")
        .endsWith("(expected by the manifest: " + "0".repeat(64) + ")");
  }

  @Test
  void refusesAMissingFile() throws IOException {
    Path folder = TestingModel.churn("a").write(root);
    Files.delete(folder.resolve("model.onnx"));
    assertThat(refusal(folder)).contains("model.onnx: cannot be read");
  }

  @Test
  void refusesATruncatedGraph() {
    TestingModel whole = TestingModel.churn("a");
    byte[] half = Arrays.copyOf(whole.graph(), whole.graph().length / 2);
    TestingModel model =
        TestingModel.other("half", List.of("a"), half, row -> new float[] {row[0]});
    assertThat(refusal(model.write(root))).startsWith(root.resolve("half/1/model.onnx") + ": ");
  }

  @Test
  void refusesTensorsOfOtherNamesAndListsThemAll() {
    TestingModel model = TestingModel.churn("a");
    model.onnx().put("input", "x").put("output", "y");
    assertThat(refusal(model.write(root)))
        .contains("model.onnx: inputs: [features] (expected: only x)")
        .contains("model.onnx: outputs: [scores] (expected: y)");
  }

  @Test
  void refusesTensorsOfOtherWidths() {
    byte[] graph = TestingModel.churn("a", "b").graph();
    TestingModel model =
        TestingModel.other("narrow", List.of("a"), graph, row -> new float[] {0, 0});
    assertThat(refusal(model.write(root)))
        .contains("input features: shape [N, 2] (expected: [N, 1])")
        .contains("output scores: shape [N, 1] (expected: [N, 2])");
  }

  @Test
  void refusesAnswersThatAreNotTheGoldenOnes() {
    TestingModel model =
        TestingModel.other(
            "off", List.of("a"), TestingGraph.lookup(1, 2, 3, 4), row -> new float[] {row[0] + 2});
    assertThat(refusal(model.write(root)))
        .contains("model.onnx: golden row 0, output_0: 1.0 (expected: 2.0 ± ")
        .contains("golden row 7, output_0");
  }

  @Test
  void refusesAnswersThatAreNoNumbers() {
    byte[] logarithm = TestingGraph.linear(new float[][] {{-1}}, new float[] {-1}, "Log");
    TestingModel model =
        TestingModel.other("nan", List.of("a"), logarithm, row -> new float[] {row[0]});
    assertThat(refusal(model.write(root))).contains("golden row 0, output_0: NaN (expected: 0.0");
  }

  @Test
  void refusesAGraphThatFailsOnAGoldenRow() {
    TestingModel model =
        TestingModel.other(
            "short", List.of("a"), TestingGraph.lookup(1, 2), row -> new float[] {row[0] + 1});
    assertThat(refusal(model.write(root))).contains("model.onnx: ").contains("Gather");
  }

  @Test
  void refusesAnswersThatDependOnTheRowsBeside() throws IOException {
    TestingModel model =
        TestingModel.other("centred", List.of("a"), TestingGraph.centred(1), row -> row.clone());
    // two rows whose mean is zero come out of a batch as they went in, but not alone
    model.golden().putArray("rows").add(array(model, 1)).add(array(model, -1));
    model.golden().putArray("outputs").add(array(model, 1)).add(array(model, -1));
    assertThat(refusal(model.write(root)))
        .contains("golden row 0, run alone, output_0: 0.0 (expected: 1.0");
  }

  private static tools.jackson.databind.node.ArrayNode array(TestingModel model, float value) {
    return model.manifest().arrayNode().add(value);
  }

  @Test
  void refusesMembershipsThatDoNotSumToOne() {
    TestingModel model = TestingModel.segment("a");
    float[][] weights = {{0.5f, 1, 2}};
    byte[] sigmoids = TestingGraph.linear(weights, new float[3], "Sigmoid");
    TestingModel other =
        TestingModel.other(
            "segment",
            List.of("a"),
            sigmoids,
            row -> {
              float[] shares = new float[3];
              for (int i = 0; i < 3; i++) {
                shares[i] = (float) (1 / (1 + Math.exp(-row[0] * weights[0][i])));
              }
              return shares;
            });
    other.manifest().put("task", "segment");
    other.manifest().set("outputs", model.manifest().get("outputs"));
    other.manifest().set("segments", model.manifest().get("segments"));
    assertThat(refusal(other.write(root)))
        .contains("golden row 0: memberships that sum to 1.5 (expected: 1)");
  }

  @Test
  void refusesAManifestOfAnotherModelOrVersion() throws IOException {
    Path folder = TestingModel.churn("a").write(root);
    Path renamed = root.resolve("value").resolve("3");
    Files.createDirectories(root.resolve("value"));
    Files.move(folder, renamed);
    assertThat(refusal(renamed))
        .contains("manifest.json: name: churn (expected: value, its folder)")
        .contains("manifest.json: version: 1 (expected: 3, its folder)");
  }

  @Test
  void refusesAVersionThatIsNoNumber() throws IOException {
    Files.createDirectories(root.resolve("churn/latest"));
    assertThat(refusal(root.resolve("churn/latest")))
        .endsWith("latest: latest (expected: a positive whole number)");
  }

  @Test
  void passesOverFilesAndHiddenFolders() throws IOException {
    Files.writeString(root.resolve("README.md"), "models");
    Files.createDirectories(root.resolve(".staging/1"));
    Files.createDirectories(root.resolve("churn/.2"));
    TestingModel.churn("a").write(root);
    try (LoadedModels models = load()) {
      assertThat(models.reports()).hasSize(1);
      assertThat(models.count(ModelState.SERVING)).isEqualTo(1);
    }
  }

  @Test
  void readsAnEmptyFolder() {
    try (LoadedModels models = load()) {
      assertThat(models.serving().isEmpty()).isTrue();
      assertThat(models.reports()).isEmpty();
    }
  }

  /** Why this version is refused, while a sound model beside it serves. */
  private String refusal(Path folder) {
    TestingModel.value("x", "y").version("7").write(root);
    try (LoadedModels models = load()) {
      assertThat(models.serving().models()).map(OnnxModel::toString).containsExactly("value 7");
      return models.reports().stream()
          .filter(report -> report.version().equals(folder.getFileName().toString()))
          .filter(report -> report.state() == ModelState.REFUSED)
          .map(report -> String.join("\n", report.problems()))
          .findFirst()
          .orElseThrow();
    }
  }

  private LoadedModels load() {
    return new ModelRepository(root, new OnnxSettings(1, 2, 1024)).load();
  }
}
