package io.clientele.scorer.inference;

import ai.onnxruntime.OrtException;
import io.clientele.scorer.manifest.Manifest;
import io.clientele.scorer.manifest.RefusedException;
import io.clientele.scorer.manifest.Task;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the golden rows, all in one batch and then each alone, and holds the outputs to what the
 * manifest expects. A model whose answer for a row depends on the rows beside it does not pass.
 */
final class GoldenCheck {
  private static final int TOLD_PROBLEMS = 10;
  private static final double PROBABILITY_TOLERANCE = 1e-3;

  private final Manifest manifest;
  private final OnnxRunner runner;
  private final List<String> problems = new ArrayList<>();

  private GoldenCheck(Manifest manifest, OnnxRunner runner) {
    this.manifest = manifest;
    this.runner = runner;
  }

  static void check(Path file, Manifest manifest, OnnxRunner runner)
      throws OrtException, RefusedException {
    GoldenCheck check = new GoldenCheck(manifest, runner);
    List<float[]> rows = manifest.golden().rows();
    for (int from = 0; from < rows.size(); from += runner.maxRows()) {
      check.run(from, Math.min(rows.size(), from + runner.maxRows()), "");
    }
    if (check.problems.isEmpty()) {
      for (int row = 0; row < rows.size(); row++) {
        check.run(row, row + 1, ", run alone");
      }
    }
    if (!check.problems.isEmpty()) {
      throw new RefusedException(check.told(file));
    }
  }

  private void run(int from, int to, String how) throws OrtException {
    for (int row = from; row < to; row++) {
      runner.input().put((row - from) * manifest.inputWidth(), manifest.golden().rows().get(row));
    }
    runner.run(to - from);
    float[] actual = new float[manifest.outputWidth()];
    for (int row = from; row < to; row++) {
      runner.output().get((row - from) * actual.length, actual);
      compare("golden row " + row + how, actual, manifest.golden().outputs().get(row));
    }
  }

  private void compare(String what, float[] actual, float[] expected) {
    double sum = 0;
    for (int i = 0; i < actual.length; i++) {
      double allowed = manifest.golden().tolerance() * Math.max(1, Math.abs(expected[i]));
      sum += actual[i];
      // negated, so that NaN fails
      if (!(Math.abs((double) actual[i] - expected[i]) <= allowed)) {
        problems.add(
            what
                + (", " + manifest.outputs().get(i) + ": " + actual[i])
                + (" (expected: " + expected[i] + " ± " + allowed + ")"));
      } else if (isProbability() && !(actual[i] >= 0 && actual[i] <= 1)) {
        problems.add(
            what + ", " + manifest.outputs().get(i) + ": " + actual[i] + " (expected: 0..1)");
      }
    }
    if (manifest.task() == Task.SEGMENT && !(Math.abs(sum - 1) <= PROBABILITY_TOLERANCE)) {
      problems.add(what + ": memberships that sum to " + sum + " (expected: 1)");
    }
  }

  private boolean isProbability() {
    return manifest.task() == Task.SEGMENT || manifest.task() == Task.CHURN;
  }

  private List<String> told(Path file) {
    List<String> told = new ArrayList<>();
    for (String problem : problems.subList(0, Math.min(problems.size(), TOLD_PROBLEMS))) {
      told.add(file + ": " + problem);
    }
    if (problems.size() > TOLD_PROBLEMS) {
      told.add(file + ": and " + (problems.size() - TOLD_PROBLEMS) + " more like these");
    }
    return told;
  }
}
