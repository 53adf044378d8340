package io.clientele.scorer;

import io.clientele.grpc.GrpcServer;
import io.clientele.grpc.HostPort;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.ServerProcess;
import io.clientele.grpc.ServerSettings;
import io.clientele.grpc.UnavailableException;
import io.clientele.grpc.WarmUp;
import io.clientele.scorer.inference.FeatureMatrix;
import io.clientele.scorer.inference.InferenceLanes;
import io.clientele.scorer.inference.InferenceMetrics;
import io.clientele.scorer.inference.OnnxSettings;
import io.clientele.scorer.repository.LoadedModels;
import io.clientele.scorer.repository.ModelRepository;
import io.clientele.scorer.repository.ModelState;
import io.grpc.ManagedChannel;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A scorer: models behind a gRPC port. It says SERVING once its models are loaded, checked and
 * warm; where none of them passes, it runs on as NOT_SERVING, so that ListModels can say why.
 */
public final class ScorerServer implements ServerProcess.Running {
  private static final Logger log = LoggerFactory.getLogger(ScorerServer.class);

  /** Null until they are read: a caller must not take that for a repository without models. */
  private final AtomicReference<@Nullable LoadedModels> models = new AtomicReference<>();

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
              "scorer", settings.server(), metrics, null, new ScorerService(this::models, lanes));
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
    if (loaded.serving().isEmpty()) {
      log.error("no model in {} serves", settings.models().toAbsolutePath());
    } else {
      // Before anybody else runs the models: a model's runner of a lane is for one thread.
      WarmUp.run(
          "scorer",
          settings.server(),
          ownPort -> Rehearsal.start(settings, ownPort, loaded),
          new WarmUpCalls(loaded.serving().models()));
    }
    models.set(loaded);
    server.serving(!loaded.serving().isEmpty());
  }

  private LoadedModels models() {
    LoadedModels loaded = models.get();
    if (loaded == null) {
      throw new UnavailableException("model repository", null);
    }
    return loaded;
  }

  private void countStates(GaugeWithCallback.Callback gauge) {
    LoadedModels loaded = models.get();
    for (ModelState state : ModelState.values()) {
      gauge.call(loaded == null ? 0 : loaded.count(state), state.name().toLowerCase(Locale.ROOT));
    }
  }

  @Override
  public HostPort address() {
    return server.address();
  }

  @Override
  public void whenServing(Runnable action) {
    server.whenServing(action);
  }

  /** A channel for callers in the same process; theirs to close. */
  public ManagedChannel openInProcess() {
    return server.openInProcess();
  }

  /** Ends the calls, then the lanes, then the models. */
  @Override
  public void close() {
    server.close();
    closeAllButServer();
  }

  private void closeAllButServer() {
    lanes.close();
    LoadedModels loaded = models.getAndSet(null);
    if (loaded != null) {
      loaded.close();
    }
    registry.unregister(states);
    inferenceMetrics.close();
  }

  /** A second scorer with the same models, for the warm-up. */
  private record Rehearsal(GrpcServer server, InferenceLanes lanes)
      implements ServerProcess.Running {
    static Rehearsal start(ScorerSettings settings, ServerSettings ownPort, LoadedModels models) {
      Metrics unseen = Metrics.start(null);
      InferenceLanes lanes =
          new InferenceLanes(
              settings.lanes(),
              settings.queueRows(),
              settings.maxBatchRows(),
              new InferenceMetrics(unseen));
      try {
        ScorerService service = new ScorerService(() -> models, lanes);
        return new Rehearsal(
            GrpcServer.start("scorer warm-up", ownPort, unseen, null, service), lanes);
      } catch (RuntimeException e) {
        lanes.close();
        throw e;
      }
    }

    @Override
    public HostPort address() {
      return server.address();
    }

    @Override
    public void whenServing(Runnable action) {
      server.whenServing(action);
    }

    @Override
    public void close() {
      server.close();
      lanes.close();
    }
  }
}
