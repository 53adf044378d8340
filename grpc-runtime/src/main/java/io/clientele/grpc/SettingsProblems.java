package io.clientele.grpc;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects what is wrong with settings, so that all of it is said at once. Not thread-safe. */
public final class SettingsProblems {
  private final List<String> problems = new ArrayList<>();

  /** Notes a problem unless the condition holds. */
  public void require(boolean holds, String key, @Nullable Object value, String expected) {
    if (!holds) {
      problems.add(key + ": " + value + " (expected: " + expected + ")");
    }
  }

  /** Notes a problem. */
  public void add(String problem) {
    problems.add(problem);
  }

  /**
   * @throws SettingsException if there is a problem, with all of them
   */
  public void throwIfAny() {
    if (!problems.isEmpty()) {
      throw new SettingsException(problems);
    }
  }
}
