package io.clientele.featurestore.catalog;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Reads a catalog's features, and its label, one after another. */
final class FeatureParser {
  private static final String RATIO = "ratio";
  private static final Map<String, Operator> OPERATORS =
      Arrays.stream(Operator.values()).collect(Collectors.toMap(Operator::key, o -> o));
  private static final Set<String> FORMULA_KEYS =
      Stream.concat(OPERATORS.keySet().stream(), Stream.of(RATIO)).collect(Collectors.toSet());

  /** Columns of a snapshot that are no features. */
  private static final Set<String> RESERVED = Set.of("customer_id", "as_of");

  private static final String RESERVED_PREFIX = "label_";
  static final int MAX_FEATURES = 1_000;

  private final Map<String, EventType> eventTypes;
  private final int retentionDays;
  private final YamlProblems problems;
  private final Map<String, Feature> features = new LinkedHashMap<>();

  FeatureParser(Map<String, EventType> eventTypes, int retentionDays, YamlProblems problems) {
    this.eventTypes = eventTypes;
    this.retentionDays = retentionDays;
    this.problems = problems;
  }

  /** Those read without a problem, in order. */
  List<Feature> features() {
    return List.copyOf(features.values());
  }

  void parse(Node node) {
    var fields = new YamlMapping(node, "feature", problems);
    if (!fields.exists()) {
      return;
    }
    String name = fields.require("name", FeatureParser::featureName);
    Float defaultValue = fields.take("default", 0f, CatalogValues::defaultValue);
    Formula formula = parseFormula(fields);
    fields.finish();
    if (name == null || defaultValue == null || formula == null) {
      return;
    }
    add(node, new Feature(name, formula, defaultValue));
  }

  /** Adds a feature behind the others. */
  void add(Node node, Feature feature) {
    if (features.size() > MAX_FEATURES) {
      return;
    }
    if (features.putIfAbsent(feature.name(), feature) != null) {
      problems.add(node, "feature: two features called " + feature.name());
    }
    if (features.size() > MAX_FEATURES) {
      problems.add(node, "features: more than " + MAX_FEATURES);
    }
  }

  @Nullable Label parseLabel(Node node) {
    var fields = new YamlMapping(node, "label", problems);
    EventType event = fields.require("event", this::eventType);
    Measure measure =
        event == null ? null : fields.require("measure", text -> measure(event, text));
    if (event == null) {
      fields.take("measure");
    }
    fields.finish();
    return event == null || measure == null ? null : new Label(event, measure);
  }

  private @Nullable Formula parseFormula(YamlMapping fields) {
    List<YamlMapping.Entry> found = fields.takeAnyOf(FORMULA_KEYS);
    if (found.size() != 1) {
      problems.add(
          found.isEmpty() ? fields.node() : found.get(1).key(),
          "feature: "
              + (found.isEmpty() ? "no operator" : "a second operator " + found.get(1).name())
              + " (expected: one of "
              + FORMULA_KEYS.stream().sorted().collect(Collectors.joining(", "))
              + ")");
      fields.take("window");
      return null;
    }
    YamlMapping.Entry formula = found.get(0);
    Operator operator = OPERATORS.get(formula.name());
    Window window = Window.LIFETIME;
    if (operator != null && operator.windowed()) {
      window = fields.require("window", this::window);
    }
    if (!(formula.value() instanceof ScalarNode text)) {
      problems.add(formula.value(), "feature." + formula.name() + ": expected one value");
      return null;
    }
    try {
      if (operator == null) {
        return ratio(text.getValue());
      }
      return window == null ? null : aggregation(operator, text.getValue(), window);
    } catch (IllegalArgumentException e) {
      problems.add(text, "feature." + formula.name() + ": " + e.getMessage());
      return null;
    }
  }

  private Formula aggregation(Operator operator, String text, Window window) {
    int dot = text.indexOf('.');
    if (operator.subject() == Operator.Subject.EVENT) {
      return new Formula.Aggregation(operator, eventType(text), null, null, window);
    }
    if (dot < 0) {
      throw new IllegalArgumentException(
          text + " (expected: an event type, a dot and its " + fieldKind(operator) + ")");
    }
    EventType event = eventType(text.substring(0, dot));
    String field = text.substring(dot + 1);
    return operator.subject() == Operator.Subject.MEASURE
        ? new Formula.Aggregation(operator, event, measure(event, field), null, window)
        : new Formula.Aggregation(operator, event, null, dimension(event, field), window);
  }

  private Formula ratio(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length != 2) {
      throw new IllegalArgumentException(text + " (expected: feature / feature)");
    }
    return new Formula.Ratio(part(parts[0].strip()), part(parts[1].strip()));
  }

  private Feature part(String name) {
    Feature feature = features.get(name);
    if (feature == null || feature.formula() instanceof Formula.Ratio) {
      throw new IllegalArgumentException(
          name + " (expected: a feature that stands above and is no ratio)");
    }
    return feature;
  }

  private Window window(String text) {
    Window window = CatalogValues.window(text);
    if (!window.equals(Window.LIFETIME) && window.days() > retentionDays) {
      throw new IllegalArgumentException(
          text + " (expected: at most the retention of " + retentionDays + "d, or lifetime)");
    }
    return window;
  }

  private EventType eventType(String name) {
    return known(Optional.ofNullable(eventTypes.get(name)), name, eventTypes.keySet().stream());
  }

  private static Measure measure(EventType event, String name) {
    return known(event.measure(name), name, event.measures().stream().map(Measure::name));
  }

  private static Dimension dimension(EventType event, String name) {
    return known(event.dimension(name), name, event.dimensions().stream().map(Dimension::name));
  }

  private static <T> T known(Optional<T> found, String name, Stream<String> names) {
    return found.orElseThrow(
        () ->
            new IllegalArgumentException(
                name + " (expected: one of " + names.collect(Collectors.joining(", ")) + ")"));
  }

  private static String fieldKind(Operator operator) {
    return operator.subject() == Operator.Subject.MEASURE ? "measure" : "dimension";
  }

  static String featureName(String text) {
    CatalogValues.name(text);
    if (RESERVED.contains(text) || text.startsWith(RESERVED_PREFIX)) {
      throw new IllegalArgumentException(text + " is a column of snapshots (expected: another)");
    }
    return text;
  }
}
