package io.clientele.scorer.inference;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.clientele.scorer.manifest.Manifest;
import io.clientele.scorer.manifest.RefusedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Holds a graph's tensors to its manifest: one input, float32 [N, F]; the named output, float32 [N,
 * W], where a graph that does not say W is taken at the manifest's word until the golden rows run.
 */
final class TensorCheck {
  private static final int ANY = -1;

  private final List<String> problems = new ArrayList<>();

  private TensorCheck() {}

  static void check(Path file, Manifest manifest, OrtSession session)
      throws OrtException, RefusedException {
    TensorCheck check = new TensorCheck();
    Map<String, NodeInfo> inputs = session.getInputInfo();
    Map<String, NodeInfo> outputs = session.getOutputInfo();
    String input = manifest.onnx().input();
    String output = manifest.onnx().output();
    if (inputs.containsKey(input) && inputs.size() == 1) {
      check.tensor("input " + input, inputs.get(input), manifest.inputWidth(), false);
    } else {
      check.problems.add("inputs: " + inputs.keySet() + " (expected: only " + input + ")");
    }
    if (outputs.containsKey(output)) {
      check.tensor("output " + output, outputs.get(output), manifest.outputWidth(), true);
    } else {
      check.problems.add("outputs: " + outputs.keySet() + " (expected: " + output + ")");
    }
    if (!check.problems.isEmpty()) {
      throw new RefusedException(
          check.problems.stream().map(problem -> file + ": " + problem).toList());
    }
  }

  private void tensor(String what, NodeInfo node, int width, boolean widthMayBeUnsaid) {
    if (!(node.getInfo() instanceof TensorInfo tensor) || tensor.type != OnnxJavaType.FLOAT) {
      problems.add(what + ": " + node.getInfo() + " (expected: a tensor of float32)");
      return;
    }
    long[] shape = tensor.getShape();
    boolean fits =
        shape.length == 2
            && shape[0] == ANY
            && (shape[1] == width || (widthMayBeUnsaid && shape[1] == ANY));
    if (!fits) {
      problems.add(what + ": shape " + text(shape) + " (expected: [N, " + width + "])");
    }
  }

  private static String text(long[] shape) {
    StringBuilder text = new StringBuilder("[");
    for (int i = 0; i < shape.length; i++) {
      text.append(i == 0 ? "" : ", ").append(shape[i] == ANY ? "N" : shape[i]);
    }
    return text.append(']').toString();
  }
}
