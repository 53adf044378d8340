package io.clientele.scorer.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.clientele.scorer.manifest.Manifest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs one model for one lane, from and to direct buffers that it keeps: the caller writes rows to
 * {@link #input}, calls {@link #run}, and reads rows from {@link #output}. Not thread-safe.
 *
 * <p>For each of the small numbers of rows, the tensors over the buffers are kept too; making a
 * pair costs about as much as a row of a small model. Above that they are made for the run.
 */
final class OnnxRunner implements AutoCloseable {
  private static final int KEPT_ROWS = 64;
  private static final int WARM_UP_RUNS = 20;

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final String inputName;
  private final String outputName;
  private final int inputWidth;
  private final int outputWidth;
  private final int maxRows;
  private final FloatBuffer input;
  private final FloatBuffer output;
  private final RunTimes times = new RunTimes();
  private final @Nullable Tensors[] kept = new @Nullable Tensors[KEPT_ROWS + 1];

  OnnxRunner(OrtEnvironment environment, OrtSession session, Manifest manifest, int maxRows) {
    this.environment = environment;
    this.session = session;
    this.inputName = manifest.onnx().input();
    this.outputName = manifest.onnx().output();
    this.inputWidth = manifest.inputWidth();
    this.outputWidth = manifest.outputWidth();
    this.maxRows = maxRows;
    this.input = direct(maxRows, inputWidth);
    this.output = direct(maxRows, outputWidth);
  }

  private static FloatBuffer direct(int rows, int width) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(rows * width, Float.BYTES))
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  int maxRows() {
    return maxRows;
  }

  /** Rows of F, to be written with absolute puts before a run. */
  FloatBuffer input() {
    return input;
  }

  /** Rows of W, to be read with absolute gets after a run. */
  FloatBuffer output() {
    return output;
  }

  /** How long a run over this many rows should take, by what runs have taken lately. */
  long expectedNs(int rows) {
    return times.expectedNs(rows);
  }

  /**
   * Runs the model over the first rows of the input.
   *
   * @return how long it took, in nanoseconds
   */
  long run(int rows) throws OrtException {
    long startNs = System.nanoTime();
    runOver(rows);
    long elapsedNs = System.nanoTime() - startNs;
    times.add(rows, elapsedNs);
    return elapsedNs;
  }

  private void runOver(int rows) throws OrtException {
    if (rows > KEPT_ROWS) {
      try (Tensors tensors = tensors(rows)) {
        run(tensors);
      }
      return;
    }
    Tensors tensors = kept[rows];
    if (tensors == null) {
      tensors = tensors(rows);
      kept[rows] = tensors;
    }
    run(tensors);
  }

  private void run(Tensors tensors) throws OrtException {
    // The output is pinned: the run writes to the buffer and the result owns nothing.
    session.run(tensors.inputs, Set.of(), tensors.outputs).close();
  }

  private Tensors tensors(int rows) throws OrtException {
    OnnxTensor in = tensor(input, rows, inputWidth);
    try {
      OnnxTensor out = tensor(output, rows, outputWidth);
      return new Tensors(Map.of(inputName, in), Map.of(outputName, out));
    } catch (OrtException e) {
      in.close();
      throw e;
    }
  }

  private OnnxTensor tensor(FloatBuffer buffer, int rows, int width) throws OrtException {
    return OnnxTensor.createTensor(
        environment, buffer.slice(0, rows * width), new long[] {rows, width});
  }

  /** Runs these rows in batches of several sizes, so that the first call finds warm code. */
  void warmUp(List<float[]> rows) throws OrtException {
    for (int i = 0; i < maxRows; i++) {
      input.put(i * inputWidth, rows.get(i % rows.size()));
    }
    for (int batch = 1; batch < maxRows; batch *= 4) {
      for (int i = 0; i < WARM_UP_RUNS; i++) {
        run(batch);
      }
    }
    run(maxRows);
  }

  @Override
  public void close() {
    for (int i = 0; i < kept.length; i++) {
      Tensors tensors = kept[i];
      if (tensors != null) {
        tensors.close();
        kept[i] = null;
      }
    }
  }

  private record Tensors(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs)
      implements AutoCloseable {
    @Override
    public void close() {
      inputs.values().forEach(OnnxTensor::close);
      outputs.values().forEach(OnnxTensor::close);
    }
  }
}
