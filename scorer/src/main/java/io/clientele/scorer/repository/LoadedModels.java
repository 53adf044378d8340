package io.clientele.scorer.repository;

import io.clientele.scorer.inference.ServingModels;
import java.util.List;

/**
 * The repository as it was read once: the models that serve, and how every version fared. Replaced
 * as a whole when the repository is read again. Immutable.
 *
 * @param reports by name, then by version, the newest first
 */
public record LoadedModels(ServingModels serving, List<ModelReport> reports)
    implements AutoCloseable {
  public LoadedModels {
    reports = List.copyOf(reports);
  }

  /** Nothing read yet. */
  public static LoadedModels none() {
    return new LoadedModels(new ServingModels(List.of()), List.of());
  }

  /** How many versions are in this state. */
  public int count(ModelState state) {
    return (int) reports.stream().filter(report -> report.state() == state).count();
  }

  /** Frees the models. No lane may be running them. */
  @Override
  public void close() {
    serving.close();
  }
}
