package io.clientele.scorer.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.clientele.scorer.TestingModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

final class ManifestReaderTest {
  @TempDir private Path root;

  @Test
  void readsEachTask() throws RefusedException {
    Manifest churn = read(TestingModel.churn("a", "b"));
    assertThat(churn.task()).isEqualTo(Task.CHURN);
    assertThat(churn.inputs()).map(Manifest.Input::name).containsExactly("a", "b");
    assertThat(churn.inputs().getFirst().defaultValue()).isEqualTo(TestingModel.defaultValue());
    assertThat(churn.bands())
        .containsExactly(
            new Manifest.Band("low", 0.35f),
            new Manifest.Band("medium", 0.7f),
            new Manifest.Band("high", null));
    assertThat(churn.horizonDays()).isEqualTo(90);

    Manifest value = read(TestingModel.value("a"));
    assertThat(value.tiers()).map(Manifest.Band::name).containsExactly("bronze", "gold");
    assertThat(value.currency()).isEqualTo("USD");

    Manifest segment = read(TestingModel.segment("a"));
    assertThat(segment.segments())
        .map(Manifest.Segment::name)
        .containsExactlyElementsOf(segment.outputs());
    assertThat(segment.prior()).hasSize(3);
  }

  @Test
  void listsEveryProblemAtOnce() {
    List<String> problems =
        problems(
            TestingModel.churn("a", "b"),
            manifest -> {
              manifest.put("format", 2);
              manifest.remove("catalog_hash");
              manifest.put("colour", "red");
              manifest.put("created", "yesterday");
              ((ObjectNode) manifest.get("onnx")).put("file", "../model.onnx").put("sha256", 5);
              ((ObjectNode) manifest.get("inputs").get(1)).put("name", "a").put("default", "x");
              ((ObjectNode) manifest.get("inputs").get(0)).put("typo", 1);
              ((ArrayNode) manifest.get("prior")).add(0.5);
            });
    assertThat(problems)
        .allMatch(problem -> problem.startsWith(root.resolve("churn/1/manifest.json") + ": "))
        .map(
            problem ->
                problem.substring(root.resolve("churn/1/manifest.json: ").toString().length()))
        .containsExactlyInAnyOrder(
            "format: 2 (expected: a whole number, 1..1)",
            "catalog_hash: missing (expected: 8 to 64 hex digits in lower case)",
            "colour: unknown key",
            "created: yesterday (expected: a time such as 2026-11-22T00:00:00Z)",
            "onnx.file: \"../model.onnx\" (expected: the name of a file in the manifest's folder)",
            "onnx.sha256: 5 (expected: 64 hex digits in lower case)",
            "inputs[1].name: a (expected: a value of its own)",
            "inputs[1].default: \"x\" (expected: a number that float32 holds)",
            "inputs[0].typo: unknown key",
            "prior: 2 numbers (expected: 1, as many as there are outputs)");
  }

  @Test
  void wantsBandsThatAscendAndAnOpenLastOne() {
    List<String> problems =
        problems(
            TestingModel.churn("a"),
            manifest -> {
              ArrayNode bands = manifest.putArray("bands");
              bands.addObject().put("name", "low").put("upper", 0.7);
              bands.addObject().put("name", "medium").put("upper", 0.35);
              bands.addObject().put("name", "odd");
              bands.addObject().put("name", "low").put("upper", 0.9);
            });
    assertThat(problems)
        .anyMatch(problem -> problem.endsWith("bands[1].upper: 0.35 (expected: more than 0.7)"))
        .anyMatch(problem -> problem.endsWith("bands[2].upper: missing (expected: a number)"))
        .anyMatch(
            problem -> problem.endsWith("bands[3].upper: 0.9 (expected: none in the last one)"))
        .anyMatch(problem -> problem.endsWith("bands[3].name: low (expected: a value of its own)"))
        .hasSize(4);
  }

  @Test
  void wantsHistogramsThatFit() {
    List<String> problems =
        problems(
            TestingModel.churn("a"),
            manifest -> {
              ObjectNode histogram = (ObjectNode) manifest.get("inputs").get(0).get("histogram");
              histogram.putArray("edges").add(0).add(2).add(2).add(3);
              histogram.putArray("counts").add(1).add(-1);
            });
    assertThat(problems)
        .anyMatch(problem -> problem.contains("inputs[0].histogram.edges: 4 edges (expected: 3,"))
        .anyMatch(problem -> problem.contains("histogram.edges[2]: 2.0 (expected: more than 2.0)"))
        .anyMatch(problem -> problem.contains("histogram.counts[1]: -1 (expected: a whole number"))
        .hasSize(3);
  }

  @Test
  void wantsGoldenRowsOfTheModelsWidths() {
    List<String> problems =
        problems(
            TestingModel.churn("a", "b"),
            manifest -> {
              ObjectNode golden = (ObjectNode) manifest.get("golden");
              ArrayNode rows = golden.putArray("rows");
              rows.addArray().add(1);
              rows.addArray().add(1).add(1e60);
              golden.putArray("outputs").addArray().addNull();
            });
    assertThat(problems)
        .anyMatch(problem -> problem.contains("golden.rows[0]: [1] (expected: 2 numbers)"))
        .anyMatch(problem -> problem.contains("golden.rows[1][1]: 1.0E60 (expected: a number"))
        .anyMatch(problem -> problem.contains("golden.outputs[0][0]: null (expected: a number"))
        .anyMatch(problem -> problem.contains("golden.outputs: 1 rows (expected: 2, as many as"))
        .hasSize(4);
  }

  @Test
  void wantsOneSegmentAnOutput() {
    List<String> problems =
        problems(
            TestingModel.segment("a"),
            manifest -> {
              ObjectNode second = (ObjectNode) manifest.get("segments").get(1);
              second.put("name", "lost").put("id", 0);
            });
    assertThat(problems)
        .anyMatch(
            problem -> problem.endsWith("segments[1].name: lost (expected: outputs[1]: loyal)"))
        .anyMatch(problem -> problem.endsWith("segments[1].id: 0 (expected: a value of its own)"))
        .hasSize(2);
  }

  @Test
  void wantsTheKeysOfTheTaskAndNoOthers() {
    List<String> problems =
        problems(TestingModel.churn("a"), manifest -> manifest.put("task", "value"));
    assertThat(problems)
        .anyMatch(problem -> problem.endsWith("bands: unknown key"))
        .anyMatch(problem -> problem.endsWith("tiers: missing (expected: a list of objects)"))
        .anyMatch(problem -> problem.contains("currency: missing"))
        .anyMatch(problem -> problem.contains("tiers: 0 of them (expected: one or more)"))
        .hasSize(4);
    assertThat(problems(TestingModel.churn("a"), manifest -> manifest.put("task", "guess")))
        .singleElement()
        .asString()
        .endsWith("task: guess (expected: segment, churn, value or other)");
  }

  @Test
  void saysWhereTheTextIsBroken() throws IOException {
    Path file = root.resolve("manifest.json");
    Files.writeString(file, "{\n  \"format\": 1,\n  \"prior\": [NaN]\n}\n");
    assertThat(problems(file)).singleElement().asString().startsWith(file + ":3:");
    Files.writeString(file, "{\"format\": 1, \"format\": 1}");
    assertThat(problems(file)).singleElement().asString().contains("uplicate");
    Files.writeString(file, "{} {}");
    assertThat(problems(file)).singleElement().asString().startsWith(file + ":1:");
    Files.writeString(file, "[1]");
    assertThat(problems(file)).containsExactly(file + ": manifest: [1] (expected: an object)");
    Files.writeString(file, "");
    assertThat(problems(file)).containsExactly(file + ": empty (expected: an object)");
  }

  @Test
  void saysThatThereIsNoFile() {
    Path file = root.resolve("nowhere").resolve("manifest.json");
    assertThat(problems(file)).singleElement().asString().startsWith(file + ": cannot be read");
  }

  private Manifest read(TestingModel model) throws RefusedException {
    return ManifestReader.read(model.write(root).resolve("manifest.json"));
  }

  private List<String> problems(TestingModel model, Consumer<ObjectNode> spoil) {
    model.onnx().put("sha256", "0".repeat(64));
    spoil.accept(model.manifest());
    Path folder = root.resolve(model.name()).resolve("1");
    model.write(root, model.graph(), model.manifest().toString());
    return problems(folder.resolve("manifest.json"));
  }

  private static List<String> problems(Path file) {
    return catchThrowableOfType(RefusedException.class, () -> ManifestReader.read(file)).problems();
  }
}
