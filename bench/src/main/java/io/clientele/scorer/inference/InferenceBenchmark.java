package io.clientele.scorer.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import com.google.protobuf.ByteString;
import io.clientele.grpc.Metrics;
import io.clientele.scorer.manifest.Manifest;
import io.clientele.scorer.repository.LoadedModels;
import io.clientele.scorer.repository.ModelRepository;
import io.grpc.Context;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One inference by all models that ship, over their golden rows: as a lane of the scorer runs it,
 * and by bare sessions over buffers that were filled before.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class InferenceBenchmark {
  private static final int MAX_ROWS = 256;

  @Param({"1", "16", "256"})
  public int rows = 1;

  private final LoadedModels models =
      new ModelRepository(
              Path.of(System.getProperty("clientele.home", ""), "models"),
              new OnnxSettings(1, 1, MAX_ROWS))
          .load();
  private final ModelBatch batch = new ModelBatch(0, new InferenceMetrics(Metrics.start(null)));
  private final Map<String, float[]> golden = new LinkedHashMap<>();
  private final List<BareRun> bare = new ArrayList<>();
  private List<String> columns = List.of();
  private ByteString values = ByteString.EMPTY;

  @Setup
  public void prepare() throws OrtException {
    if (models.serving().isEmpty()) {
      throw new IllegalStateException("no models: run it as bench/jmh");
    }
    for (OnnxModel model : models.serving().models()) {
      gather(model.manifest());
    }
    columns = List.copyOf(golden.keySet());
    ByteBuffer matrix =
        ByteBuffer.allocate(rows * columns.size() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int row = 0; row < rows; row++) {
      for (float[] column : golden.values()) {
        matrix.putFloat(column[row]);
      }
    }
    values = ByteString.copyFrom(matrix.flip());
    for (OnnxModel model : models.serving().models()) {
      bare.add(BareRun.of(model.manifest(), golden, rows));
    }
  }

  /** Columns of a model's golden rows, again and again. */
  private void gather(Manifest manifest) {
    List<float[]> goldenRows = manifest.golden().rows();
    for (int input = 0; input < manifest.inputWidth(); input++) {
      float[] column = new float[rows];
      for (int row = 0; row < rows; row++) {
        column[row] = goldenRows.get(row % goldenRows.size())[input];
      }
      golden.putIfAbsent(manifest.inputs().get(input).name(), column);
    }
  }

  /** From a request's bytes to every model's output, as one job alone in its lane. */
  @Benchmark
  public List<ModelOutput> lane() {
    FeatureMatrix matrix = FeatureMatrix.of(rows, columns, values, ByteString.EMPTY);
    var job =
        new InferenceJob(
            matrix, models.serving().mappings(List.of(), columns), Context.ROOT, System.nanoTime());
    List<InferenceJob> jobs = List.of(job);
    for (int model = 0; model < job.models(); model++) {
      batch.run(job.mapping(model), jobs, 0);
    }
    job.complete();
    return job.result().join();
  }

  /** The sessions alone. */
  @Benchmark
  public int bareSession() throws OrtException {
    for (BareRun run : bare) {
      run.session.run(run.inputs, Set.of(), run.outputs).close();
    }
    return bare.size();
  }

  @TearDown
  public void close() throws OrtException {
    for (BareRun run : bare) {
      run.session.close();
    }
    models.close();
  }

  private record BareRun(
      OrtSession session, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {
    static BareRun of(Manifest manifest, Map<String, float[]> golden, int rows)
        throws OrtException {
      OrtEnvironment environment = OnnxEnvironment.get();
      var options = new SessionOptions();
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.setMemoryPatternOptimization(false); // as the scorer's
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      Path folder =
          Path.of(System.getProperty("clientele.home", ""), "models", manifest.name())
              .resolve(manifest.version());
      OrtSession session =
          environment.createSession(folder.resolve(manifest.onnx().file()).toString(), options);
      FloatBuffer in = direct(rows * manifest.inputWidth());
      for (int row = 0; row < rows; row++) {
        for (Manifest.Input input : manifest.inputs()) {
          in.put(golden.getOrDefault(input.name(), new float[0])[row]);
        }
      }
      FloatBuffer out = direct(rows * manifest.outputWidth());
      return new BareRun(
          session,
          Map.of(
              manifest.onnx().input(),
              OnnxTensor.createTensor(
                  environment, in.flip(), new long[] {rows, manifest.inputWidth()})),
          Map.of(
              manifest.onnx().output(),
              OnnxTensor.createTensor(
                  environment, out, new long[] {rows, manifest.outputWidth()})));
    }

    private static FloatBuffer direct(int values) {
      return ByteBuffer.allocateDirect(values * Float.BYTES)
          .order(ByteOrder.nativeOrder())
          .asFloatBuffer();
    }
  }
}
