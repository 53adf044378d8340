package io.clientele.scorer.inference;

import ai.onnxruntime.OrtException;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import com.google.rpc.Code;
import com.google.rpc.Status;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of one model for the jobs of one lane that share a mapping: their rows in, one behind the
 * other, and each job's rows out. Not thread-safe; reused from run to run.
 */
final class ModelBatch {
  private static final Logger log = LoggerFactory.getLogger(ModelBatch.class);

  private final int lane;
  private final InferenceMetrics metrics;
  private final List<InferenceJob> jobs = new ArrayList<>();
  private final List<int[]> missing = new ArrayList<>();

  /** Models whose last run failed: a failure is logged when it begins and when it ends. */
  private final Set<OnnxModel> failing = new HashSet<>();

  ModelBatch(int lane, InferenceMetrics metrics) {
    this.lane = lane;
    this.metrics = metrics;
  }

  /** Runs a mapping's model for all open jobs from an index on, and gives each its output. */
  void run(ColumnMapping mapping, List<InferenceJob> candidates, int from) {
    clear();
    for (int i = from; i < candidates.size(); i++) {
      InferenceJob job = candidates.get(i);
      if (!job.result().isDone() && job.indexOf(mapping) >= 0) {
        jobs.add(job);
      }
    }
    if (!mapping.lacking().isEmpty()) {
      failAll(mapping, lacking(mapping));
      return;
    }
    OnnxRunner runner = mapping.model().runner(lane);
    int rows = fill(mapping, runner.input());
    long elapsedNs;
    try {
      elapsedNs = runner.run(rows);
    } catch (OrtException | RuntimeException e) {
      if (failing.add(mapping.model())) {
        log.error("{}: run of {} rows failed", mapping.model(), rows, e);
      }
      failAll(mapping, failed(mapping.model(), "the run failed"));
      return;
    }
    if (!failing.isEmpty() && failing.remove(mapping.model())) {
      log.info("{}: runs again", mapping.model());
    }
    long missingInputs = split(mapping, runner.output());
    metrics.ran(mapping.model(), rows, missingInputs, elapsedNs);
  }

  /** Forgets the jobs of the last run. */
  void clear() {
    jobs.clear();
    missing.clear();
  }

  private int fill(ColumnMapping mapping, FloatBuffer input) {
    int rows = 0;
    for (int i = 0; i < jobs.size(); i++) {
      FeatureMatrix matrix = jobs.get(i).matrix();
      int[] counts = new int[matrix.rows()];
      mapping.fill(matrix, input, rows, counts);
      missing.add(counts);
      rows += matrix.rows();
    }
    return rows;
  }

  private long split(ColumnMapping mapping, FloatBuffer output) {
    OnnxModel model = mapping.model();
    int width = model.outputWidth();
    int offset = 0;
    long missingInputs = 0;
    for (int i = 0; i < jobs.size(); i++) {
      InferenceJob job = jobs.get(i);
      int[] counts = missing.get(i);
      for (int count : counts) {
        missingInputs += count;
      }
      int cells = counts.length * width;
      int bad = firstNotFinite(output, offset, cells);
      if (bad < 0) {
        job.output(
            job.indexOf(mapping), ModelOutput.of(model, copy(output, offset, cells), counts));
      } else {
        String name = model.manifest().outputs().get(bad % width);
        String problem = "row " + bad / width + ", output " + name + ": not a finite number";
        metrics.failed(model);
        job.output(job.indexOf(mapping), ModelOutput.failed(model, failed(model, problem)));
      }
      offset += cells;
    }
    return missingInputs;
  }

  private static int firstNotFinite(FloatBuffer output, int offset, int cells) {
    for (int i = 0; i < cells; i++) {
      if (!Float.isFinite(output.get(offset + i))) {
        return i;
      }
    }
    return -1;
  }

  private static ByteString copy(FloatBuffer output, int offset, int cells) {
    byte[] bytes = new byte[cells * Float.BYTES];
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .put(0, output, offset, cells);
    return UnsafeByteOperations.unsafeWrap(bytes); // nobody else holds the bytes
  }

  private void failAll(ColumnMapping mapping, Status error) {
    for (int i = 0; i < jobs.size(); i++) {
      InferenceJob job = jobs.get(i);
      metrics.failed(mapping.model());
      job.output(job.indexOf(mapping), ModelOutput.failed(mapping.model(), error));
    }
  }

  private static Status lacking(ColumnMapping mapping) {
    return Status.newBuilder()
        .setCode(Code.INVALID_ARGUMENT.getNumber())
        .setMessage(
            ("columns: lacking " + String.join(", ", mapping.lacking()))
                + (" (expected: every input of " + mapping.model() + ")"))
        .build();
  }

  private static Status failed(OnnxModel model, String problem) {
    return Status.newBuilder()
        .setCode(Code.INTERNAL.getNumber())
        .setMessage(model + ": " + problem)
        .build();
  }
}
