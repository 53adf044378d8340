package io.clientele.scorer.inference;

import io.clientele.grpc.Metrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;

/** What the lanes count, registered until closed. Thread-safe. */
public final class InferenceMetrics implements AutoCloseable {
  private static final double[] ROW_BUCKETS = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};

  private final PrometheusRegistry registry;
  private final List<Collector> collectors = new ArrayList<>();
  private final Metrics.Stage queue;
  private final Metrics.Stage infer;
  private final Histogram batchRows;
  private final Counter missingInputs;
  private final Counter failures;

  public InferenceMetrics(Metrics metrics) {
    registry = metrics.registry();
    queue = metrics.stage("scorer", "queue");
    infer = metrics.stage("scorer", "infer");
    batchRows =
        register(
            Histogram.builder()
                .name("clientele_scorer_batch_rows")
                .help("Rows in one run of a model.")
                .labelNames("model")
                .classicOnly()
                .classicUpperBounds(ROW_BUCKETS)
                .build());
    missingInputs =
        register(
            Counter.builder()
                .name("clientele_scorer_missing_inputs_total")
                .help("Inputs that were not present and got the manifest's default.")
                .labelNames("model")
                .build());
    failures =
        register(
            Counter.builder()
                .name("clientele_scorer_model_failures_total")
                .help("Answers that a model failed to give.")
                .labelNames("model")
                .build());
  }

  /** Shows how many rows wait. Called once, before the metrics are shared. */
  void watchQueue(IntSupplier rows) {
    register(
        GaugeWithCallback.builder()
            .name("clientele_scorer_queue_rows")
            .help("Rows that wait for a lane.")
            .callback(gauge -> gauge.call(rows.getAsInt()))
            .build());
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

  private <T extends Collector> T register(T collector) {
    registry.register(collector);
    collectors.add(collector);
    return collector;
  }

  @Override
  public void close() {
    collectors.forEach(registry::unregister);
  }
}
