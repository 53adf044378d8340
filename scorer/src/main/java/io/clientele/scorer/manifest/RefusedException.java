package io.clientele.scorer.manifest;

import java.util.List;

/** A version of a model that must not serve, with every problem found in it. */
public final class RefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  /**
   * @param problems one line each: the file, what is wrong, the offending value and the expected
   *     one
   */
  public RefusedException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  public List<String> problems() {
    return problems;
  }
}
