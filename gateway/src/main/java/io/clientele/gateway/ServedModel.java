package io.clientele.gateway;

import com.google.rpc.Status;
import io.clientele.grpc.ErrorPolicy;
import io.clientele.grpc.PreconditionException;
import io.clientele.scorer.v1.Model;
import io.clientele.scorer.v1.ModelInput;
import io.clientele.scorer.v1.Task;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One version of a model, and what its outputs mean. Immutable.
 *
 * @param manifest what the scorer says of it
 * @param task where its score stands in an answer; OTHER also for a second model of the same task
 * @param problem why it must not run on this catalog; null where it may
 * @param origins of its scores
 * @param writer of its scores
 */
record ServedModel(
    Model manifest, Task task, @Nullable Status problem, Origins origins, ScoreWriter writer) {

  /**
   * Checks a model against the catalog.
   *
   * @param definitions the catalog's features: the fingerprint of the meaning by name; null where
   *     the catalog is not known yet
   */
  static ServedModel of(Model manifest, Task task, @Nullable Map<String, String> definitions) {
    String problem = problemOf(manifest, task, definitions);
    return new ServedModel(
        manifest,
        task,
        problem == null
            ? null
            : ErrorPolicy.toRpcStatus(
                new PreconditionException(
                    "model " + manifest.getName() + " " + manifest.getVersion(), problem)),
        new Origins(manifest.getName(), manifest.getVersion()),
        new ScoreWriter(manifest, task));
  }

  private static @Nullable String problemOf(
      Model manifest, Task task, @Nullable Map<String, String> definitions) {
    String misfit = definitions == null ? null : misfitOf(manifest, definitions);
    if (misfit != null) {
      return misfit;
    }
    int width = manifest.getOutputsCount();
    if (manifest.getPriorCount() != width) {
      return "prior: %d numbers (expected: %d)".formatted(manifest.getPriorCount(), width);
    }
    int expected =
        switch (task) {
          case SEGMENT -> manifest.getSegmentsCount();
          case CHURN, VALUE -> 1;
          case OTHER, TASK_UNSPECIFIED, UNRECOGNIZED -> width;
        };
    return width == expected && width > 0
        ? null
        : "outputs: %d (expected: %d)".formatted(width, Math.max(1, expected));
  }

  private static @Nullable String misfitOf(Model manifest, Map<String, String> definitions) {
    for (ModelInput input : manifest.getInputsList()) {
      String definition = definitions.get(input.getName());
      if (definition == null) {
        return "feature %s is not in the catalog (expected: definition %s)"
            .formatted(input.getName(), input.getDefinition());
      }
      if (!definition.equals(input.getDefinition())) {
        return "feature %s has definition %s in the catalog (expected: %s, of its training)"
            .formatted(input.getName(), definition, input.getDefinition());
      }
    }
    return null;
  }

  String name() {
    return manifest.getName();
  }

  String version() {
    return manifest.getVersion();
  }

  /** Outputs a row. */
  int width() {
    return manifest.getOutputsCount();
  }

  /** Whether its outputs may be used. */
  boolean fits() {
    return problem == null;
  }

  /** The population's answer, for a customer of whom nothing is known. */
  float[] prior() {
    float[] prior = new float[width()];
    for (int i = 0; i < prior.length; i++) {
      prior[i] = manifest.getPrior(i);
    }
    return prior;
  }
}
