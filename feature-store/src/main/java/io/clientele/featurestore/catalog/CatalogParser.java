package io.clientele.featurestore.catalog;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Reads one catalog, going on after a problem so that all of them are told at once. */
final class CatalogParser {
  private static final int MAX_EVENT_TYPES = 64;
  private static final int MAX_FIELDS = 32;

  private final YamlProblems problems;
  private final Map<String, EventType> eventTypes = new LinkedHashMap<>();

  CatalogParser(String file) {
    this.problems = new YamlProblems(file);
  }

  Catalog parse(String yaml) {
    var root = new YamlMapping(compose(yaml), "catalog", problems);
    String entity = root.require("entity", CatalogValues::name);
    Integer retention = root.require("retention", CatalogValues::days);
    Long futureToleranceMs = root.require("future_tolerance", CatalogValues::durationMs);
    int retentionDays = retention == null ? Integer.MAX_VALUE : retention;
    Node events = root.require("events");
    if (events != null) {
      parseEventTypes(new YamlMapping(events, "events", problems));
    }
    var parser = new FeatureParser(eventTypes, retentionDays, problems);
    for (Node node : root.requireList("features")) {
      parser.parse(node);
    }
    Node groupsNode = root.take("groups");
    List<FeatureGroup> groups =
        groupsNode == null
            ? List.of()
            : new GroupParser(eventTypes.keySet(), parser, problems).parse(groupsNode);
    Node labelNode = root.take("label");
    Label label = labelNode == null ? null : parser.parseLabel(labelNode);
    root.finish();
    if (!problems.isEmpty() || entity == null || retention == null || futureToleranceMs == null) {
      throw problems.exception();
    }
    return new Catalog(
        entity,
        retention,
        futureToleranceMs,
        List.copyOf(eventTypes.values()),
        parser.features(),
        groups,
        label);
  }

  private Node compose(String yaml) {
    try {
      Optional<Node> root = new Compose(LoadSettings.builder().build()).composeString(yaml);
      if (root.isPresent()) {
        return root.get();
      }
      problems.add(Optional.empty(), "nothing (expected: a catalog)");
    } catch (MarkedYamlEngineException e) {
      problems.add(e.getProblemMark(), "not YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      problems.add(Optional.empty(), "not YAML: " + e.getMessage());
    }
    throw problems.exception();
  }

  private void parseEventTypes(YamlMapping mapping) {
    List<YamlMapping.Entry> entries = mapping.takeAll();
    problems.checkSize(mapping.node(), "event types", entries.size(), MAX_EVENT_TYPES);
    for (YamlMapping.Entry entry : entries) {
      problems.checkName(entry, "events");
      String what = "events." + entry.name();
      var fields = new YamlMapping(entry.value(), what, problems);
      Duplicates duplicates = parseDuplicates(fields, what);
      List<Measure> measures =
          parseFields(fields, "measures", what, field -> parseMeasure(field, what));
      List<Dimension> dimensions =
          parseFields(fields, "dimensions", what, field -> parseDimension(field, what));
      fields.finish();
      measures.stream()
          .filter(m -> dimensions.stream().anyMatch(d -> d.name().equals(m.name())))
          .forEach(m -> problems.add(entry.key(), what + ": two fields called " + m.name()));
      eventTypes.put(entry.name(), new EventType(entry.name(), duplicates, measures, dimensions));
    }
  }

  private Duplicates parseDuplicates(YamlMapping type, String what) {
    Node node = type.require("duplicates");
    if (node == null || (node instanceof ScalarNode s && s.getValue().equals("retention"))) {
      return new Duplicates.OverRetention();
    }
    if (node instanceof ScalarNode scalar) {
      problems.add(
          node,
          what
              + ".duplicates: "
              + scalar.getValue()
              + " (expected: retention, or {recent: number of ids})");
      return new Duplicates.OverRetention();
    }
    var fields = new YamlMapping(node, what + ".duplicates", problems);
    Integer ids =
        fields.require("recent", text -> CatalogValues.between(text, 1, Duplicates.Recent.MAX_IDS));
    fields.finish();
    return new Duplicates.Recent(ids == null ? 1 : ids);
  }

  private <T> List<T> parseFields(
      YamlMapping type, String key, String what, Function<YamlMapping.Entry, T> parser) {
    Node node = type.take(key);
    if (node == null) {
      return List.of();
    }
    List<YamlMapping.Entry> entries = new YamlMapping(node, what + "." + key, problems).takeAll();
    problems.checkSize(node, what + "." + key, entries.size(), MAX_FIELDS);
    List<T> fields = new ArrayList<>();
    for (YamlMapping.Entry entry : entries) {
      problems.checkName(entry, what + "." + key);
      fields.add(parser.apply(entry));
    }
    return fields;
  }

  private Measure parseMeasure(YamlMapping.Entry entry, String what) {
    var fields = new YamlMapping(entry.value(), what + "." + entry.name(), problems);
    Integer decimals =
        fields.require("decimals", t -> CatalogValues.between(t, 0, Measure.MAX_DECIMALS));
    String unit = fields.take("unit", "", CatalogValues::name);
    fields.finish();
    return new Measure(entry.name(), decimals == null ? 0 : decimals, unit == null ? "" : unit);
  }

  private Dimension parseDimension(YamlMapping.Entry entry, String what) {
    var fields = new YamlMapping(entry.value(), what + "." + entry.name(), problems);
    Integer maxValues =
        fields.require("max_values", t -> CatalogValues.between(t, 1, Dimension.MAX_MAX_VALUES));
    fields.finish();
    return new Dimension(entry.name(), maxValues == null ? 1 : maxValues);
  }
}
