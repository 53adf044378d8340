package io.clientele.featurestore.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Reads a catalog's groups, one after another, and adds their features behind the others. */
final class GroupParser {
  private static final int MAX_GROUPS = 32;
  private static final int MAX_FIELDS = 64;

  private final Set<String> eventTypes;
  private final FeatureParser features;
  private final YamlProblems problems;
  private final List<FeatureGroup> groups = new ArrayList<>();

  GroupParser(Set<String> eventTypes, FeatureParser features, YamlProblems problems) {
    this.eventTypes = eventTypes;
    this.features = features;
    this.problems = problems;
  }

  List<FeatureGroup> parse(Node node) {
    List<YamlMapping.Entry> entries = new YamlMapping(node, "groups", problems).takeAll();
    problems.checkSize(node, "groups", entries.size(), MAX_GROUPS);
    entries.forEach(this::parseGroup);
    return groups;
  }

  private void parseGroup(YamlMapping.Entry entry) {
    problems.checkName(entry, "groups");
    if (eventTypes.contains(entry.name())) {
      problems.add(
          entry.key(), "groups: " + entry.name() + " is an event type (expected: another)");
    }
    String what = "groups." + entry.name();
    var keys = new YamlMapping(entry.value(), what, problems);
    Long maxAgeMs = keys.take("max_age", FeatureGroup.ANY_AGE, GroupParser::maxAge);
    Node fieldsNode = keys.require("fields");
    keys.finish();
    List<YamlMapping.Entry> fieldEntries =
        fieldsNode == null ? List.of() : fieldEntries(fieldsNode, what + ".fields");
    List<GroupField> fields =
        fieldEntries.stream().map(field -> parseField(field, what + "." + field.name())).toList();
    var group =
        new FeatureGroup(entry.name(), maxAgeMs == null ? FeatureGroup.ANY_AGE : maxAgeMs, fields);
    groups.add(group);
    for (int i = 0; i < fields.size(); i++) {
      addFeatures(fieldEntries.get(i).key(), group, fields.get(i));
    }
  }

  private List<YamlMapping.Entry> fieldEntries(Node node, String what) {
    List<YamlMapping.Entry> entries = new YamlMapping(node, what, problems).takeAll();
    problems.checkSize(node, what, entries.size(), MAX_FIELDS);
    if (entries.isEmpty()) {
      problems.add(node, what + ": none (expected: at least one)");
    }
    entries.forEach(entry -> problems.checkName(entry, what));
    return entries;
  }

  private GroupField parseField(YamlMapping.Entry entry, String what) {
    var keys = new YamlMapping(entry.value(), what, problems);
    String type = keys.require("type", GroupParser::type);
    Float defaultValue = keys.take("default", 0f, CatalogValues::defaultValue);
    FieldType parsed =
        switch (type) {
          case FieldType.LABEL -> new FieldType.Label(parseVocabulary(keys, what));
          case FieldType.EMBEDDING -> {
            Integer size =
                keys.require(
                    "size", text -> CatalogValues.between(text, 1, FeatureParser.MAX_FEATURES));
            yield new FieldType.Embedding(size == null ? 1 : size);
          }
          case null, default -> new FieldType.Numeric();
        };
    if (type == null) {
      keys.takeAll(); // which keys it may have depends on the type
    }
    keys.finish();
    return new GroupField(entry.name(), parsed, defaultValue == null ? 0 : defaultValue);
  }

  private List<String> parseVocabulary(YamlMapping keys, String what) {
    Set<String> words = new LinkedHashSet<>();
    boolean given = keys.has("vocabulary");
    List<Node> nodes = keys.requireList("vocabulary");
    for (Node node : nodes) {
      String word = word(node, what);
      if (word != null && !words.add(word)) {
        problems.add(node, what + ".vocabulary: " + word + " stands twice");
      }
    }
    if (nodes.size() > FieldType.Label.MAX_WORDS) {
      problems.add(
          nodes.getLast(),
          what
              + ".vocabulary: "
              + nodes.size()
              + " words (expected: at most "
              + FieldType.Label.MAX_WORDS
              + ")");
    }
    if (nodes.isEmpty() && given) {
      problems.add(keys.node(), what + ".vocabulary: no words (expected: at least one)");
    }
    return List.copyOf(words);
  }

  private @Nullable String word(Node node, String what) {
    if (node instanceof ScalarNode scalar) {
      int bytes = scalar.getValue().getBytes(UTF_8).length;
      if (bytes >= 1 && bytes <= FieldType.Label.MAX_WORD_BYTES) {
        return scalar.getValue();
      }
    }
    problems.add(
        node,
        what
            + ".vocabulary: not a word (expected: 1 to "
            + FieldType.Label.MAX_WORD_BYTES
            + " bytes of UTF-8)");
    return null;
  }

  private void addFeatures(Node node, FeatureGroup group, GroupField field) {
    for (int element = 0; element < field.type().size(); element++) {
      String name = field.feature(element);
      try {
        features.add(
            node,
            new Feature(
                FeatureParser.featureName(name),
                new Formula.Pushed(group, field, element),
                field.defaultValue()));
      } catch (IllegalArgumentException e) {
        problems.add(node, "groups." + group.name() + ": " + e.getMessage());
        return;
      }
    }
  }

  private static long maxAge(String text) {
    long maxAgeMs = CatalogValues.durationMs(text);
    if (maxAgeMs == 0) {
      throw new IllegalArgumentException(text + " (expected: more than nothing)");
    }
    return maxAgeMs;
  }

  private static String type(String text) {
    return switch (text) {
      case FieldType.NUMBER, FieldType.LABEL, FieldType.EMBEDDING -> text;
      default ->
          throw new IllegalArgumentException(text + " (expected: one of number, label, embedding)");
    };
  }
}
