package io.clientele.featurestore.catalog;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/** Collects what is wrong with a YAML file, each with the line of the node that it is about. */
final class YamlProblems {
  private final String file;
  private final List<CatalogProblem> problems = new ArrayList<>();

  YamlProblems(String file) {
    this.file = file;
  }

  void add(Node node, String message) {
    add(node.getStartMark(), message);
  }

  void add(Optional<Mark> mark, String message) {
    problems.add(new CatalogProblem(file, mark.map(m -> m.getLine() + 1).orElse(1), message));
  }

  /** Adds one where the name of an entry is none. */
  void checkName(YamlMapping.Entry entry, String what) {
    try {
      CatalogValues.name(entry.name());
    } catch (IllegalArgumentException e) {
      add(entry.key(), what + ": " + e.getMessage());
    }
  }

  /** Adds one where there are too many. */
  void checkSize(Node node, String what, int size, int most) {
    if (size > most) {
      add(node, what + ": " + size + " (expected: at most " + most + ")");
    }
  }

  boolean isEmpty() {
    return problems.isEmpty();
  }

  CatalogException exception() {
    problems.sort(Comparator.comparingInt(CatalogProblem::line));
    return new CatalogException(problems);
  }
}
