package io.clientele.scorer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A model whose answers a test can work out by itself. Its manifest and its graph can be spoilt
 * before it is written.
 */
public final class TestingModel {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final int GOLDEN_ROWS = 8;
  private static final float DEFAULT_VALUE = -2.5f;

  private final String name;
  private final List<String> inputs;
  private final UnaryOperator<float[]> formula;
  private final byte[] graph;
  private final ObjectNode manifest = MAPPER.createObjectNode();

  private TestingModel(
      String name,
      String task,
      List<String> inputs,
      List<String> outputs,
      UnaryOperator<float[]> formula,
      byte[] graph) {
    this.name = name;
    this.inputs = List.copyOf(inputs);
    this.formula = formula;
    this.graph = graph;
    describe(task, outputs);
  }

  /** A churn model: the sigmoid of a weighted sum. */
  public static TestingModel churn(String... inputs) {
    float[][] weights = weights(inputs.length, 1);
    float[] bias = {0.25f};
    TestingModel model =
        new TestingModel(
            "churn",
            "churn",
            List.of(inputs),
            List.of("churn_probability"),
            row -> {
              float sum = product(row, weights, bias)[0];
              return new float[] {(float) (1 / (1 + Math.exp(-sum)))};
            },
            TestingGraph.linear(weights, bias, "Sigmoid"));
    model.manifest.put("horizon_days", 90);
    ArrayNode bands = model.manifest.putArray("bands");
    bands.addObject().put("name", "low").put("upper", 0.35);
    bands.addObject().put("name", "medium").put("upper", 0.7);
    bands.addObject().put("name", "high");
    return model;
  }

  /** A value model: a weighted sum. */
  public static TestingModel value(String... inputs) {
    float[][] weights = weights(inputs.length, 1);
    float[] bias = {-1};
    TestingModel model =
        new TestingModel(
            "value",
            "value",
            List.of(inputs),
            List.of("expected_spend"),
            row -> product(row, weights, bias),
            TestingGraph.linear(weights, bias, "Identity"));
    model.manifest.put("horizon_days", 90).put("currency", "USD");
    ArrayNode tiers = model.manifest.putArray("tiers");
    tiers.addObject().put("name", "bronze").put("upper", 15);
    tiers.addObject().put("name", "gold");
    return model;
  }

  /** A segment model of three segments: the softmax of three weighted sums. */
  public static TestingModel segment(String... inputs) {
    float[][] weights = weights(inputs.length, 3);
    float[] bias = {0.5f, 0, -0.5f};
    List<String> names = List.of("champions", "loyal", "at risk");
    TestingModel model =
        new TestingModel(
            "segment",
            "segment",
            List.of(inputs),
            names,
            row -> softmax(product(row, weights, bias)),
            TestingGraph.linear(weights, bias, "Softmax"));
    ArrayNode segments = model.manifest.putArray("segments");
    for (int i = 0; i < names.size(); i++) {
      segments
          .addObject()
          .put("id", i)
          .put("name", names.get(i))
          .put("description", "They are " + names.get(i) + ".");
    }
    return model;
  }

  /** Any graph of one output under task other, with golden rows of these inputs. */
  public static TestingModel other(
      String name, List<String> inputs, byte[] graph, UnaryOperator<float[]> formula) {
    int outputs = formula.apply(new float[inputs.size()]).length;
    List<String> names = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      names.add("output_" + i);
    }
    return new TestingModel(name, "other", inputs, names, formula, graph);
  }

  private static float[][] weights(int inputs, int outputs) {
    Random random = new Random(31L * inputs + outputs);
    float[][] weights = new float[inputs][outputs];
    for (float[] row : weights) {
      for (int i = 0; i < outputs; i++) {
        row[i] = random.nextFloat() - 0.5f;
      }
    }
    return weights;
  }

  private static float[] product(float[] row, float[][] weights, float[] bias) {
    float[] sums = bias.clone();
    for (int i = 0; i < row.length; i++) {
      for (int j = 0; j < sums.length; j++) {
        sums[j] += row[i] * weights[i][j];
      }
    }
    return sums;
  }

  private static float[] softmax(float[] logits) {
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit);
    }
    float[] shares = new float[logits.length];
    for (int i = 0; i < logits.length; i++) {
      shares[i] = (float) (Math.exp(logits[i]) / sum);
    }
    return shares;
  }

  private void describe(String task, List<String> outputs) {
    manifest
        .put("format", 1)
        .put("name", name)
        .put("version", "1")
        .put("task", task)
        .put("created", "2026-11-22T00:00:00Z")
        .put("description", "A small model for tests.");
    manifest
        .putObject("onnx")
        .put("file", "model.onnx")
        .put("sha256", "")
        .put("input", TestingGraph.INPUT)
        .put("output", TestingGraph.OUTPUT);
    manifest.put("catalog_hash", "c0".repeat(32));
    ArrayNode inputNodes = manifest.putArray("inputs");
    for (String input : inputs) {
      ObjectNode node =
          inputNodes
              .addObject()
              .put("name", input)
              .put("definition", "0123456789abcdef")
              .put("default", DEFAULT_VALUE)
              .put("min", 0)
              .put("max", 8)
              .put("missing", 0.25);
      ObjectNode histogram = node.putObject("histogram");
      histogram.putArray("edges").add(0).add(4).add(8);
      histogram.putArray("counts").add(3).add(5);
    }
    ArrayNode outputNodes = manifest.putArray("outputs");
    outputs.forEach(outputNodes::add);
    ArrayNode prior = manifest.putArray("prior");
    outputs.forEach(output -> prior.add(0.25));
    manifest.putObject("metrics").put("auc", 0.8);
    manifest.putObject("training").put("rows", 100);
    ObjectNode golden = manifest.putObject("golden").put("tolerance", 0.0001);
    ArrayNode rows = golden.putArray("rows");
    ArrayNode answers = golden.putArray("outputs");
    Random random = new Random(7);
    for (int i = 0; i < GOLDEN_ROWS; i++) {
      float[] row = new float[inputs.size()];
      for (int j = 0; j < row.length; j++) {
        row[j] = i == 0 ? 0 : random.nextInt(4);
      }
      add(rows.addArray(), row);
      add(answers.addArray(), answer(row));
    }
  }

  private static void add(ArrayNode array, float[] values) {
    for (float value : values) {
      array.add(value);
    }
  }

  /** The W outputs for a row of F inputs. */
  public float[] answer(float... row) {
    return formula.apply(row);
  }

  /** What stands in for a missing input. */
  public static float defaultValue() {
    return DEFAULT_VALUE;
  }

  public String name() {
    return name;
  }

  public List<String> inputs() {
    return inputs;
  }

  /** The manifest as it will be written; the hash is put in then, unless it is there. */
  public ObjectNode manifest() {
    return manifest;
  }

  public ObjectNode onnx() {
    return (ObjectNode) manifest.get("onnx");
  }

  public ObjectNode golden() {
    return (ObjectNode) manifest.get("golden");
  }

  public byte[] graph() {
    return graph.clone();
  }

  public TestingModel version(String version) {
    manifest.put("version", version);
    return this;
  }

  /** Writes {@code <root>/<name>/<version>/} and returns it. */
  public Path write(Path root) {
    return write(root, graph);
  }

  /** The same, with another graph under the hash of this one. */
  public Path write(Path root, byte[] other) {
    if (onnx().get("sha256").stringValue().isEmpty()) {
      onnx().put("sha256", sha256(graph));
    }
    return write(root, other, MAPPER.writeValueAsString(manifest));
  }

  /** The same, with another text for the manifest. */
  public Path write(Path root, byte[] other, String json) {
    try {
      Path folder = root.resolve(name).resolve(manifest.get("version").stringValue());
      Files.createDirectories(folder);
      Files.write(folder.resolve("model.onnx"), other);
      Files.writeString(folder.resolve("manifest.json"), json);
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
