package io.clientele.gateway;

import com.google.rpc.Status;
import io.clientele.gateway.v1.ChurnScore;
import io.clientele.gateway.v1.NamedOutput;
import io.clientele.gateway.v1.Origin;
import io.clientele.gateway.v1.OtherScore;
import io.clientele.gateway.v1.Scores;
import io.clientele.gateway.v1.SegmentMembership;
import io.clientele.gateway.v1.SegmentScore;
import io.clientele.gateway.v1.ValueScore;
import io.clientele.grpc.ErrorPolicy;
import io.clientele.grpc.PreconditionException;
import io.clientele.scorer.v1.Band;
import io.clientele.scorer.v1.Model;
import io.clientele.scorer.v1.ModelInput;
import io.clientele.scorer.v1.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One version of a model, and what its outputs mean. Immutable.
 *
 * @param manifest what the scorer says of it
 * @param task where its score stands in an answer; OTHER also for a second model of the same task
 * @param problem why it must not run on this catalog; null where it may
 * @param origins of its scores
 */
record ServedModel(Model manifest, Task task, @Nullable Status problem, Origins origins) {

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
        new Origins(manifest.getName(), manifest.getVersion()));
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

  /**
   * Adds this model's score to an answer.
   *
   * @param outputs holds this model's outputs from {@code offset} on
   */
  void write(float[] outputs, int offset, Origin origin, Scores.Builder scores) {
    switch (task) {
      case SEGMENT -> scores.setSegment(segment(outputs, offset, origin));
      case CHURN ->
          scores.setChurn(
              ChurnScore.newBuilder()
                  .setProbability(outputs[offset])
                  .setBand(range(manifest.getBandsList(), outputs[offset]))
                  .setHorizonDays(manifest.getHorizonDays())
                  .setOrigin(origin));
      case VALUE ->
          scores.setValue(
              ValueScore.newBuilder()
                  .setExpectedSpend(outputs[offset])
                  .setCurrency(manifest.getCurrency())
                  .setTier(range(manifest.getTiersList(), outputs[offset]))
                  .setHorizonDays(manifest.getHorizonDays())
                  .setOrigin(origin));
      case OTHER, TASK_UNSPECIFIED, UNRECOGNIZED ->
          scores.addOthers(other(outputs, offset, origin));
    }
  }

  private SegmentScore segment(float[] outputs, int offset, Origin origin) {
    SegmentMembership.Builder membership = SegmentMembership.newBuilder();
    List<SegmentMembership> memberships = new ArrayList<>(width());
    int best = 0;
    for (int i = 0; i < width(); i++) {
      if (outputs[offset + i] > outputs[offset + best]) {
        best = i;
      }
      memberships.add(
          membership
              .setName(manifest.getSegments(i).getName())
              .setProbability(outputs[offset + i])
              .build());
    }
    return SegmentScore.newBuilder()
        .setOrigin(origin)
        .addAllMemberships(memberships)
        .setId(manifest.getSegments(best).getId())
        .setName(manifest.getSegments(best).getName())
        .build();
  }

  private OtherScore other(float[] outputs, int offset, Origin origin) {
    OtherScore.Builder score = OtherScore.newBuilder().setOrigin(origin);
    for (int i = 0; i < width(); i++) {
      score.addOutputs(
          NamedOutput.newBuilder().setName(manifest.getOutputs(i)).setValue(outputs[offset + i]));
    }
    return score.build();
  }

  /** The name of the range that holds a value; empty where the manifest has no ranges. */
  private static String range(List<Band> ascending, float value) {
    for (Band band : ascending) {
      if (!band.hasUpper() || value < band.getUpper()) {
        return band.getName();
      }
    }
    return ascending.isEmpty() ? "" : ascending.getLast().getName();
  }
}
