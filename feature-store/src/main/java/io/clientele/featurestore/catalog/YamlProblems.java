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

  boolean isEmpty() {
    return problems.isEmpty();
  }

  CatalogException exception() {
    problems.sort(Comparator.comparingInt(CatalogProblem::line));
    return new CatalogException(problems);
  }
}
