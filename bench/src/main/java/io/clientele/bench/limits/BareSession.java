package io.clientele.bench.limits;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.clientele.scorer.v1.Model;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * ONNX Runtime in Java with nothing around it: the models that the scorer serves, one after the
 * other, over the same rows, from and to buffers that were made before. One thread. Not
 * thread-safe.
 */
final class BareSession implements Call {
  private final List<Run> runs = new ArrayList<>();
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  private BareSession(Path repository, List<Model> models, FeatureRows matrix, int rows)
      throws OrtException {
    var environment =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, "bench");
    for (Model model : models) {
      Path file = repository.resolve(model.getName()).resolve(model.getVersion());
      var options = new SessionOptions();
      opened.push(options);
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      OrtSession session =
          environment.createSession(file.resolve("model.onnx").toString(), options);
      opened.push(session);
      List<String> inputs = model.getInputsList().stream().map(input -> input.getName()).toList();
      OnnxTensor in = tensor(environment, matrix.columns(inputs, rows), rows, inputs.size());
      int width = model.getOutputsCount();
      OnnxTensor out = tensor(environment, direct(rows * width), rows, width);
      runs.add(
          new Run(
              session,
              Map.of(session.getInputNames().iterator().next(), in),
              Map.of(session.getOutputNames().iterator().next(), out)));
    }
  }

  /**
   * Opens the sessions.
   *
   * @param repository the folder of models
   * @param matrix at least so many rows
   */
  static BareSession open(Path repository, List<Model> models, FeatureRows matrix, int rows) {
    try {
      return new BareSession(repository, models, matrix, rows);
    } catch (OrtException e) {
      throw new IllegalStateException(repository + ": " + e.getMessage(), e);
    }
  }

  private OnnxTensor tensor(OrtEnvironment environment, FloatBuffer values, int rows, int width)
      throws OrtException {
    OnnxTensor tensor = OnnxTensor.createTensor(environment, values, new long[] {rows, width});
    opened.push(tensor);
    return tensor;
  }

  static FloatBuffer direct(int values) {
    return ByteBuffer.allocateDirect(values * Float.BYTES)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  @Override
  public void begin(long number, Ended ended) {
    try {
      for (Run run : runs) {
        run.session.run(run.inputs, Set.of(), run.outputs).close();
      }
    } catch (OrtException e) {
      ended.ended(false);
      return;
    }
    ended.ended(true);
  }

  @Override
  public void close() {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        throw new IllegalStateException("ONNX Runtime does not close", e);
      }
    }
  }

  private record Run(
      OrtSession session, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {}
}
