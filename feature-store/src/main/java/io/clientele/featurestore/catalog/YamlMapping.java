package io.clientele.featurestore.catalog;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * A YAML mapping whose keys are taken one by one. What is missing, of the wrong kind, doubled or
 * left over is a problem; a value with a problem reads as null.
 */
final class YamlMapping {
  /** A key with its value, for mappings whose keys are names. */
  record Entry(ScalarNode key, Node value) {
    String name() {
      return key.getValue();
    }
  }

  private final Node node;
  private final String what;
  private final YamlProblems problems;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /**
   * Any other node than a mapping is a problem, and is read as an empty mapping.
   *
   * @param what names the mapping in problems
   */
  YamlMapping(Node node, String what, YamlProblems problems) {
    this.node = node;
    this.what = what;
    this.problems = problems;
    if (!(node instanceof MappingNode mapping)) {
      problems.add(node, what + ": " + describe(node) + " (expected: a mapping)");
      return;
    }
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        problems.add(tuple.getKeyNode(), what + ": a key that is not a plain word");
      } else if (entries.putIfAbsent(key.getValue(), new Entry(key, tuple.getValueNode()))
          != null) {
        problems.add(key, what + ": " + key.getValue() + " stands twice");
      }
    }
  }

  /** Whether there is a mapping at all. */
  boolean exists() {
    return node instanceof MappingNode;
  }

  Node node() {
    return node;
  }

  /** Takes all that is left, in order. */
  List<Entry> takeAll() {
    List<Entry> all = List.copyOf(entries.values());
    entries.clear();
    return all;
  }

  /** Takes what is left of the keys among these, in the order of the file. */
  List<Entry> takeAnyOf(Set<String> keys) {
    List<Entry> taken =
        entries.values().stream().filter(entry -> keys.contains(entry.name())).toList();
    taken.forEach(entry -> entries.remove(entry.name()));
    return taken;
  }

  boolean has(String key) {
    return entries.containsKey(key);
  }

  @Nullable Node take(String key) {
    Entry entry = entries.remove(key);
    return entry == null ? null : entry.value();
  }

  @Nullable Node require(String key) {
    Node value = take(key);
    if (value == null && exists()) {
      problems.add(node, what + ": " + key + " is missing");
    }
    return value;
  }

  /**
   * Takes a text and converts it; a conversion says what is wrong by an IllegalArgumentException.
   */
  <T> @Nullable T require(String key, Function<String, T> conversion) {
    Node value = require(key);
    return value == null ? null : convert(key, value, conversion);
  }

  /** As {@link #require(String, Function)}, with a value for an absent key. */
  <T> @Nullable T take(String key, T absent, Function<String, T> conversion) {
    Node value = take(key);
    return value == null ? absent : convert(key, value, conversion);
  }

  /** Takes a list; an absent one is empty. */
  List<Node> requireList(String key) {
    Node value = require(key);
    if (value instanceof SequenceNode sequence) {
      return sequence.getValue();
    }
    if (value != null) {
      problems.add(value, what + "." + key + ": " + describe(value) + " (expected: a list)");
    }
    return List.of();
  }

  /** Reports the keys that nobody took. */
  void finish() {
    takeAll().forEach(entry -> problems.add(entry.key(), what + ": unknown key " + entry.name()));
  }

  private <T> @Nullable T convert(String key, Node value, Function<String, T> conversion) {
    if (!(value instanceof ScalarNode scalar)) {
      problems.add(value, what + "." + key + ": " + describe(value) + " (expected: one value)");
      return null;
    }
    try {
      return conversion.apply(scalar.getValue());
    } catch (IllegalArgumentException e) {
      problems.add(value, what + "." + key + ": " + e.getMessage());
      return null;
    }
  }

  private static String describe(Node node) {
    return switch (node) {
      case ScalarNode scalar -> scalar.getValue().isEmpty() ? "nothing" : scalar.getValue();
      case SequenceNode _ -> "a list";
      case MappingNode _ -> "a mapping";
      default -> "an alias";
    };
  }
}
