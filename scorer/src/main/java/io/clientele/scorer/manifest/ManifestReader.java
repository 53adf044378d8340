package io.clientele.scorer.manifest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a manifest strictly. Unknown and missing keys, wrong types, sizes that do not fit each
 * other and ranges that do not ascend are problems, and all of them are listed.
 */
public final class ManifestReader {
  private static final int FORMAT = 1;
  private static final long MAX_FILE_BYTES = 16L << 20;
  private static final int MAX_WIDTH = 4096;
  private static final int MAX_GOLDEN_ROWS = 1024;
  private static final int MAX_HORIZON_DAYS = 3650;
  private static final double MAX_TOLERANCE = 0.01;
  private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,8}");
  private static final Pattern FILE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{8,64}");
  private static final Pattern CURRENCY = Pattern.compile("[A-Z]{3}");
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final List<String> problems = new ArrayList<>();

  private ManifestReader() {}

  /**
   * Reads the manifest of one version.
   *
   * @throws RefusedException with every problem, each naming the file
   */
  public static Manifest read(Path file) throws RefusedException {
    ManifestReader reader = new ManifestReader();
    Manifest manifest = reader.manifest(parse(file));
    if (manifest == null || !reader.problems.isEmpty()) {
      throw new RefusedException(
          reader.problems.stream().map(problem -> file + ": " + problem).toList());
    }
    return manifest;
  }

  private static JsonNode parse(Path file) throws RefusedException {
    try {
      long bytes = Files.size(file);
      if (bytes > MAX_FILE_BYTES) {
        throw problem(file, "size: " + bytes + " bytes (expected: at most " + MAX_FILE_BYTES + ")");
      }
      JsonNode root = MAPPER.readTree(Files.readAllBytes(file));
      if (root.isMissingNode()) {
        throw problem(file, "empty (expected: an object)");
      }
      return root;
    } catch (IOException e) {
      throw problem(file, "cannot be read: " + e);
    } catch (JacksonException e) {
      String where =
          e.getLocation() == null
              ? ""
              : ":" + e.getLocation().getLineNr() + ":" + e.getLocation().getColumnNr();
      throw new RefusedException(List.of(file + where + ": " + e.getOriginalMessage()));
    }
  }

  private static RefusedException problem(Path file, String problem) {
    return new RefusedException(List.of(file + ": " + problem));
  }

  private @Nullable Manifest manifest(JsonNode root) {
    JsonFields fields = new JsonFields(root, "", problems);
    if (!root.isObject()) {
      return null;
    }
    fields.integer("format", FORMAT, FORMAT);
    String name = fields.text("name");
    String version = fields.text("version", VERSION, "a positive whole number, as text");
    @Nullable Task task = task(fields);
    Instant created = created(fields);
    String description = fields.text("description");
    Manifest.Graph onnx = fields.object("onnx", ManifestReader::graph);
    String catalogHash = fields.text("catalog_hash", HASH, "8 to 64 hex digits in lower case");
    List<Manifest.Input> inputs = fields.objects("inputs", ManifestReader::input);
    List<String> outputs = fields.texts("outputs");
    List<Float> prior = fields.numbers("prior").stream().map(Double::floatValue).toList();
    fields.free("metrics");
    fields.free("training");
    Manifest.Golden golden =
        fields.object("golden", nested -> golden(nested, inputs.size(), outputs.size()));
    if (task == null) {
      return null; // which other keys belong here is not known
    }
    boolean looksAhead =
        switch (task) {
          case CHURN, VALUE -> true;
          case OTHER -> fields.has("horizon_days");
          case SEGMENT -> false;
        };
    int horizonDays = looksAhead ? fields.integer("horizon_days", 1, MAX_HORIZON_DAYS) : 0;
    List<Manifest.Segment> segments =
        task == Task.SEGMENT ? fields.objects("segments", ManifestReader::segment) : List.of();
    List<Manifest.Band> bands = task == Task.CHURN ? bands(fields, "bands") : List.of();
    List<Manifest.Band> tiers = task == Task.VALUE ? bands(fields, "tiers") : List.of();
    String currency =
        task == Task.VALUE ? fields.text("currency", CURRENCY, "three letters, such as USD") : "";
    fields.end();

    checkInputs(fields, inputs);
    checkOutputs(fields, task, outputs, prior);
    if (task == Task.SEGMENT) {
      checkSegments(fields, segments, outputs);
    }
    return new Manifest(
        name,
        version,
        task,
        created,
        description,
        onnx,
        catalogHash,
        inputs,
        outputs,
        prior,
        horizonDays,
        segments,
        bands,
        tiers,
        currency,
        golden);
  }

  private static @Nullable Task task(JsonFields fields) {
    String text = fields.text("task");
    for (Task task : Task.values()) {
      if (task.text().equals(text)) {
        return task;
      }
    }
    if (!text.isEmpty()) {
      fields.wrong("task", text, "segment, churn, value or other");
    }
    return null;
  }

  private static Instant created(JsonFields fields) {
    String text = fields.text("created");
    if (text.isEmpty()) {
      return Instant.EPOCH;
    }
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      fields.wrong("created", text, "a time such as 2026-11-22T00:00:00Z");
      return Instant.EPOCH;
    }
  }

  private static Manifest.Graph graph(JsonFields fields) {
    return new Manifest.Graph(
        fields.text("file", FILE, "the name of a file in the manifest's folder"),
        fields.text("sha256", SHA256, "64 hex digits in lower case"),
        fields.text("input"),
        fields.text("output"));
  }

  private static Manifest.Input input(JsonFields fields) {
    String name = fields.text("name");
    String definition = fields.text("definition", HASH, "8 to 64 hex digits in lower case");
    float defaultValue = fields.number("default");
    double min = fields.number("min");
    double max = fields.number("max");
    if (min > max) {
      fields.wrong("max", max, "at least min, " + min);
    }
    double missing = fields.number("missing", 0, 1);
    Manifest.Histogram histogram = fields.object("histogram", ManifestReader::histogram);
    return new Manifest.Input(
        name, definition, defaultValue, new Manifest.TrainingValues(min, max, missing, histogram));
  }

  private static Manifest.Histogram histogram(JsonFields fields) {
    List<Double> edges = fields.numbers("edges");
    List<Long> counts = fields.counts("counts");
    if (edges.size() != counts.size() + 1) {
      fields.wrong(
          "edges", edges.size() + " edges", counts.size() + 1 + ", one more than there are counts");
    }
    for (int i = 1; i < edges.size(); i++) {
      if (edges.get(i) <= edges.get(i - 1)) {
        fields.wrong("edges[" + i + "]", edges.get(i), "more than " + edges.get(i - 1));
      }
    }
    return new Manifest.Histogram(edges, counts);
  }

  private static Manifest.Segment segment(JsonFields fields) {
    return new Manifest.Segment(
        fields.integer("id", 0, Integer.MAX_VALUE),
        fields.text("name"),
        fields.text("description"));
  }

  private static List<Manifest.Band> bands(JsonFields fields, String key) {
    List<Manifest.Band> bands =
        fields.objects(
            key,
            band ->
                new Manifest.Band(
                    band.text("name"), band.has("upper") ? band.number("upper") : null));
    if (bands.isEmpty()) {
      fields.wrong(key, "0 of them", "one or more");
    }
    checkDistinct(fields, key, "name", bands.stream().map(Manifest.Band::name).toList());
    float before = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < bands.size(); i++) {
      String at = key + "[" + i + "].upper";
      Float upper = bands.get(i).upper();
      boolean last = i == bands.size() - 1;
      if (last && upper != null) {
        fields.wrong(at, upper, "none in the last one");
      } else if (!last && upper == null) {
        fields.wrong(at, "missing", "a number");
      } else if (upper != null && upper <= before) {
        fields.wrong(at, upper, "more than " + before);
      }
      before = upper == null ? before : upper;
    }
    return bands;
  }

  private static Manifest.Golden golden(JsonFields fields, int inputWidth, int outputWidth) {
    List<float[]> rows = fields.rows("rows", inputWidth);
    List<float[]> outputs = fields.rows("outputs", outputWidth);
    double tolerance = fields.number("tolerance", 0, MAX_TOLERANCE);
    if (rows.isEmpty() || rows.size() > MAX_GOLDEN_ROWS) {
      fields.wrong("rows", rows.size() + " rows", "1.." + MAX_GOLDEN_ROWS);
    }
    if (outputs.size() != rows.size()) {
      fields.wrong("outputs", outputs.size() + " rows", rows.size() + ", as many as golden.rows");
    }
    return new Manifest.Golden(rows, outputs, tolerance);
  }

  private static void checkInputs(JsonFields fields, List<Manifest.Input> inputs) {
    if (inputs.isEmpty() || inputs.size() > MAX_WIDTH) {
      fields.wrong("inputs", inputs.size() + " of them", "1.." + MAX_WIDTH);
    }
    checkDistinct(fields, "inputs", "name", inputs.stream().map(Manifest.Input::name).toList());
  }

  private static void checkOutputs(
      JsonFields fields, Task task, List<String> outputs, List<Float> prior) {
    boolean single = task == Task.CHURN || task == Task.VALUE;
    int most = single ? 1 : MAX_WIDTH;
    if (outputs.isEmpty() || outputs.size() > most) {
      fields.wrong("outputs", outputs.size() + " of them", single ? "1" : "1.." + MAX_WIDTH);
    }
    checkDistinct(fields, "outputs", "", outputs);
    if (prior.size() != outputs.size()) {
      fields.wrong(
          "prior", prior.size() + " numbers", outputs.size() + ", as many as there are outputs");
    }
    boolean probabilities = task == Task.CHURN || task == Task.SEGMENT;
    for (int i = 0; i < prior.size(); i++) {
      float value = prior.get(i);
      if (probabilities && !(value >= 0 && value <= 1)) {
        fields.wrong("prior[" + i + "]", value, "a probability, 0..1");
      }
    }
  }

  private static void checkSegments(
      JsonFields fields, List<Manifest.Segment> segments, List<String> outputs) {
    if (segments.size() != outputs.size()) {
      fields.wrong(
          "segments",
          segments.size() + " of them",
          outputs.size() + ", as many as there are outputs");
      return;
    }
    for (int i = 0; i < segments.size(); i++) {
      if (!segments.get(i).name().equals(outputs.get(i))) {
        fields.wrong(
            "segments[" + i + "].name",
            segments.get(i).name(),
            "outputs[" + i + "]: " + outputs.get(i));
      }
    }
    checkDistinct(
        fields, "segments", "id", segments.stream().map(segment -> "" + segment.id()).toList());
  }

  private static void checkDistinct(
      JsonFields fields, String key, String member, List<String> values) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < values.size(); i++) {
      if (!values.get(i).isEmpty() && !seen.add(values.get(i))) {
        String at = key + "[" + i + "]" + (member.isEmpty() ? "" : "." + member);
        fields.wrong(at, values.get(i), "a value of its own");
      }
    }
  }
}
