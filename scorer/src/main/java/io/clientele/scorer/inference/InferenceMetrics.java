package io.clientele.scorer.inference;

import io.clientele.grpc.Metrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.function.IntSupplier;

/** What the lanes count. Thread-safe. */
public final class InferenceMetrics {
  private static final double[] ROW_BUCKETS = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};

  private final Metrics metrics;
  private final Metrics.Stage queue;
  private final Metrics.Stage infer;
  private final Histogram batchRows;
  private final Counter missingInputs;
  private final Counter failures;

  public InferenceMetrics(Metrics metrics) {
    this.metrics = metrics;
    queue = metrics.stage("scorer", "queue");
    infer = metrics.stage("scorer", "infer");
    batchRows =
        Histogram.builder()
            .name("clientele_scorer_batch_rows")
            .help("Rows in one run of a model.")
            .labelNames("model")
            .classicOnly()
            .classicUpperBounds(ROW_BUCKETS)
            .register(metrics.registry());
    missingInputs =
        Counter.builder()
            .name("clientele_scorer_missing_inputs_total")
            .help("Inputs that were not present and got the manifest's default.")
            .labelNames("model")
            .register(metrics.registry());
    failures =
        Counter.builder()
            .name("clientele_scorer_model_failures_total")
            .help("Answers that a model failed to give.")
            .labelNames("model")
            .register(metrics.registry());
  }

  void watchQueue(IntSupplier rows) {
    GaugeWithCallback.builder()
        .name("clientele_scorer_queue_rows")
        .help("Rows that wait for a lane.")
        .callback(gauge -> gauge.call(rows.getAsInt()))
        .register(metrics.registry());
  }

  /** A job has waited this long for its lane. */
  void waited(long elapsedNs) {
    queue.recordNs(elapsedNs);
  }

  /** A model has run over this many rows. */
  void ran(OnnxModel model, int rows, long missing, long elapsedNs) {
    infer.recordNs(elapsedNs);
    batchRows.labelValues(model.name()).observe(rows);
    if (missing > 0) {
      missingInputs.labelValues(model.name()).inc(missing);
    }
  }

  /** A model has failed to answer a request. */
  void failed(OnnxModel model) {
    failures.labelValues(model.name()).inc();
  }
}
