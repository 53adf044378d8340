package io.clientele.scorer.manifest;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one version of a model says of itself. Consistent within itself; whether the ONNX file keeps
 * to it is for others to check.
 *
 * @param name the model's name
 * @param version a positive whole number, as text
 * @param task what the outputs mean
 * @param created when it was trained
 * @param description one sentence
 * @param onnx the graph
 * @param catalogHash the catalog that it was trained with
 * @param inputs the F features, in the order in which the graph takes them
 * @param outputs W names
 * @param prior W numbers: the population's answer
 * @param horizonDays days that it looks ahead; 0 where it looks at none
 * @param segments task segment: one an output, in its order; else empty
 * @param bands task churn: ascending; else empty
 * @param tiers task value: ascending; else empty
 * @param currency task value: ISO 4217; else empty
 * @param golden rows with the outputs that they must give
 */
public record Manifest(
    String name,
    String version,
    Task task,
    Instant created,
    String description,
    Graph onnx,
    String catalogHash,
    List<Input> inputs,
    List<String> outputs,
    List<Float> prior,
    int horizonDays,
    List<Segment> segments,
    List<Band> bands,
    List<Band> tiers,
    String currency,
    Golden golden) {

  public Manifest {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    prior = List.copyOf(prior);
    segments = List.copyOf(segments);
    bands = List.copyOf(bands);
    tiers = List.copyOf(tiers);
  }

  /** F: features a row. */
  public int inputWidth() {
    return inputs.size();
  }

  /** W: outputs a row. */
  public int outputWidth() {
    return outputs.size();
  }

  /**
   * The ONNX file and its one input, float32 [N, F], and one output, float32 [N, W].
   *
   * @param file name of a file in the manifest's own folder
   * @param sha256 of the file, 64 hex digits in lower case
   */
  public record Graph(String file, String sha256, String input, String output) {}

  /**
   * One feature that the model takes.
   *
   * @param definition fingerprint of the feature's meaning
   * @param defaultValue stands in where the feature is missing
   * @param training what the training rows held
   */
  public record Input(
      String name, String definition, float defaultValue, TrainingValues training) {}

  /**
   * The values of one feature in the training rows.
   *
   * @param missing share of rows without a value, 0 to 1
   */
  public record TrainingValues(double min, double max, double missing, Histogram histogram) {}

  /**
   * Counts between edges.
   *
   * @param edges k + 1, ascending
   * @param counts k
   */
  public record Histogram(List<Double> edges, List<Long> counts) {
    public Histogram {
      edges = List.copyOf(edges);
      counts = List.copyOf(counts);
    }
  }

  /** A segment's identity, which outlives a version, and what people call it. */
  public record Segment(int id, String name, String description) {}

  /**
   * A named range of a score, from the bound of the one before it.
   *
   * @param upper the range's end, not included; null in the last one
   */
  public record Band(String name, @Nullable Float upper) {}

  /**
   * Rows and the outputs that the model as it was trained, not as it was exported, gives for them.
   *
   * @param rows G rows of F
   * @param outputs G rows of W
   * @param tolerance largest |actual − expected| / max(1, |expected|)
   */
  public record Golden(List<float[]> rows, List<float[]> outputs, double tolerance) {
    public Golden {
      rows = List.copyOf(rows);
      outputs = List.copyOf(outputs);
    }
  }
}
