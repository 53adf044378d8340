package io.clientele.featurestore.catalog;

/**
 * One thing that is wrong with a catalog.
 *
 * @param line from 1
 */
public record CatalogProblem(String file, int line, String message) {
  /** {@code file:line: message}. */
  @Override
  public String toString() {
    return file + ":" + line + ": " + message;
  }
}
