package io.clientele.featurestore.catalog;

import java.util.List;
import java.util.stream.Collectors;

/** Says all that is wrong with a catalog, by file and line. */
public final class CatalogException extends RuntimeException {
  private final transient List<CatalogProblem> problems;

  CatalogException(List<CatalogProblem> problems) {
    super(
        problems.stream()
            .map(CatalogProblem::toString)
            .collect(Collectors.joining("\n", "The catalog is not valid:\n", "")));
    this.problems = List.copyOf(problems);
  }

  /** At least one, by line. */
  public List<CatalogProblem> problems() {
    return problems;
  }
}
