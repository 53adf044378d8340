package io.clientele.scorer;

import io.clientele.grpc.GrpcServer;
import io.clientele.grpc.HostPort;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.ServerProcess;
import io.clientele.scorer.inference.FeatureMatrix;
import io.clientele.scorer.inference.InferenceLanes;
import io.clientele.scorer.inference.InferenceMetrics;
import io.clientele.scorer.inference.OnnxSettings;
import io.clientele.scorer.repository.LoadedModels;
import io.clientele.scorer.repository.ModelRepository;
import io.clientele.scorer.repository.ModelState;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A scorer: models behind a gRPC port. It says SERVING once its models are loaded, checked and
 * warm; where none of them passes, it runs on as NOT_SERVING, so that ListModels can say why.
 */
public final class ScorerServer implements ServerProcess.Running {
  private static final Logger log = LoggerFactory.getLogger(ScorerServer.class);

  private final AtomicReference<LoadedModels> models = new AtomicReference<>(LoadedModels.none());
  private final GaugeWithCallback states =
      GaugeWithCallback.builder()
          .name("clientele_scorer_models")
          .help("Versions of models in the repository.")
          .labelNames("state")
          .callback(this::countStates)
          .build();
  private final PrometheusRegistry registry;
  private final InferenceMetrics inferenceMetrics;
  private final InferenceLanes lanes;
  private final GrpcServer server;

  private ScorerServer(ScorerSettings settings, Metrics metrics) {
    registry = metrics.registry();
    inferenceMetrics = new InferenceMetrics(metrics);
    lanes =
        new InferenceLanes(
            settings.lanes(), settings.queueRows(), settings.maxBatchRows(), inferenceMetrics);
    registry.register(states);
    try {
      server =
          GrpcServer.start(
              "scorer", settings.server(), metrics, null, new ScorerService(models::get, lanes));
    } catch (RuntimeException e) {
      closeAllButServer();
      throw e;
    }
  }

  /** Starts and loads the models; returns when they serve, or when it is clear that none does. */
  public static ScorerServer start(ScorerSettings settings, Metrics metrics) {
    ScorerServer scorer = new ScorerServer(settings, metrics);
    try {
      scorer.load(settings);
      return scorer;
    } catch (RuntimeException | Error e) {
      scorer.close();
      throw e;
    }
  }

  private void load(ScorerSettings settings) {
    OnnxSettings onnx =
        new OnnxSettings(
            settings.intraOpThreads(),
            settings.lanes(),
            Math.max(settings.maxBatchRows(), FeatureMatrix.MAX_ROWS));
    LoadedModels loaded = new ModelRepository(settings.models(), onnx).load();
    models.set(loaded);
    if (loaded.serving().isEmpty()) {
      log.error("no model in {} serves", settings.models().toAbsolutePath());
    }
    server.serving(!loaded.serving().isEmpty());
  }

  private void countStates(GaugeWithCallback.Callback gauge) {
    for (ModelState state : ModelState.values()) {
      gauge.call(models.get().count(state), state.name().toLowerCase(Locale.ROOT));
    }
  }

  @Override
  public HostPort address() {
    return server.address();
  }

  /** Ends the calls, then the lanes, then the models. */
  @Override
  public void close() {
    server.close();
    closeAllButServer();
  }

  private void closeAllButServer() {
    lanes.close();
    models.getAndSet(LoadedModels.none()).close();
    registry.unregister(states);
    inferenceMetrics.close();
  }
}
