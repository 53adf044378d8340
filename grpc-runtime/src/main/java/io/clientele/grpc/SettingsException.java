package io.clientele.grpc;

import java.util.List;

/** Settings that cannot be used, with every problem and not only the first. */
public final class SettingsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  public SettingsException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /** One line a problem: the setting, the offending value, the expected one. */
  public List<String> problems() {
    return problems;
  }
}
