package io.clientele.scorer.inference;

import io.clientele.grpc.DeadlineException;
import io.grpc.Context;
import io.grpc.Deadline;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through a lane: a matrix, the models to run over it and their outputs so
 * far. Handed over once; after that only the thread that has the lane writes to it.
 */
final class InferenceJob {
  private final FeatureMatrix matrix;
  private final ColumnMapping[] mappings;
  private final @Nullable ModelOutput[] outputs;
  private final Context context;
  private final long submittedNs;
  private final CompletableFuture<List<ModelOutput>> result = new CompletableFuture<>();

  InferenceJob(FeatureMatrix matrix, ColumnMapping[] mappings, Context context, long submittedNs) {
    this.matrix = matrix;
    this.mappings = mappings;
    this.outputs = new @Nullable ModelOutput[mappings.length];
    this.context = context;
    this.submittedNs = submittedNs;
  }

  FeatureMatrix matrix() {
    return matrix;
  }

  int rows() {
    return matrix.rows();
  }

  /** Of all of them together. */
  static int rows(List<InferenceJob> jobs) {
    int rows = 0;
    for (InferenceJob job : jobs) {
      rows += job.rows();
    }
    return rows;
  }

  long submittedNs() {
    return submittedNs;
  }

  CompletableFuture<List<ModelOutput>> result() {
    return result;
  }

  int models() {
    return mappings.length;
  }

  ColumnMapping mapping(int model) {
    return mappings[model];
  }

  boolean hasOutput(int model) {
    return outputs[model] != null;
  }

  /** Where this mapping stands among the job's models, or -1. */
  int indexOf(ColumnMapping mapping) {
    for (int i = 0; i < mappings.length; i++) {
      if (mappings[i] == mapping) {
        return i;
      }
    }
    return -1;
  }

  void output(int model, ModelOutput output) {
    outputs[model] = output;
  }

  /** Why the job is not worth beginning, or null. */
  @Nullable Exception tooLate() {
    Deadline deadline = context.getDeadline();
    if (deadline != null && deadline.isExpired()) {
      return new DeadlineException("inference not begun");
    }
    return context.isCancelled() ? new CancellationException("inference not begun") : null;
  }

  /** Answers with the outputs, which are all there. */
  void complete() {
    result.complete(Arrays.asList(outputs));
  }

  void fail(Throwable failure) {
    result.completeExceptionally(failure);
  }
}
