package io.clientele.gateway;

import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.GetCatalogRequest;
import io.clientele.featurestore.v1.GetCatalogResponse;
import io.clientele.grpc.UnavailableException;
import io.clientele.scorer.v1.ListModelsRequest;
import io.clientele.scorer.v1.ListModelsResponse;
import io.clientele.scorer.v1.Model;
import io.clientele.scorer.v1.ScorerGrpc;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Knows which models serve and which catalog the store runs: asks both every period, and at once
 * when a reader finds that the world moved on. What was known stays known while one of them is
 * away. Thread-safe; one thread of its own keeps the period and never blocks.
 */
final class ModelDirectory implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ModelDirectory.class);
  private static final Duration UNTIL_KNOWN = Duration.ofMillis(100);

  private final RemoteCalls featureStore;
  private final RemoteCalls scorer;
  private final Duration period;
  private final AtomicReference<@Nullable CompletableFuture<Models>> refreshing =
      new AtomicReference<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("gateway-model-directory").factory());
  private volatile @Nullable Models current;
  private volatile boolean complete = true;

  ModelDirectory(RemoteCalls featureStore, RemoteCalls scorer, Duration period) {
    this.featureStore = featureStore;
    this.scorer = scorer;
    this.period = period;
  }

  /**
   * Begins to ask.
   *
   * @param onRefresh hears what is known after each time
   */
  void start(Consumer<Models> onRefresh) {
    timer.execute(() -> poll(onRefresh));
  }

  /** What is known now; null before the first answer. */
  @Nullable Models current() {
    return current;
  }

  /** What is known, asked for where nothing is. Fails where the scorer was never reached. */
  CompletableFuture<Models> known() {
    Models models = current;
    return models == null ? refresh() : CompletableFuture.completedFuture(models);
  }

  /**
   * Asks now, or joins who is asking. Ends with what is known then, which is the same object as
   * before where nothing changed or nobody answered.
   */
  CompletableFuture<Models> refresh() {
    CompletableFuture<Models> mine = new CompletableFuture<>();
    while (!refreshing.compareAndSet(null, mine)) {
      CompletableFuture<Models> other = refreshing.get();
      if (other != null) {
        return other;
      }
    }
    var _ =
        ask()
            .whenComplete(
                (known, failure) -> {
                  refreshing.set(null);
                  if (failure == null) {
                    mine.complete(known);
                  } else {
                    mine.completeExceptionally(Stages.causeOf(failure));
                  }
                });
    return mine;
  }

  /** Ends with a failure of any kind rather than not at all: others wait for it. */
  private CompletableFuture<Models> ask() {
    CompletableFuture<ListModelsResponse> models =
        scorer.call(ScorerGrpc.getListModelsMethod(), ListModelsRequest.getDefaultInstance());
    CompletableFuture<GetCatalogResponse> catalog =
        featureStore.call(
            FeatureStoreGrpc.getGetCatalogMethod(), GetCatalogRequest.getDefaultInstance());
    return CompletableFuture.allOf(models, catalog)
        .handle(
            (both, failure) -> {
              note(failure);
              Models known = merge(answerOf(models), answerOf(catalog));
              if (known == null) {
                throw new UnavailableException("scorer", Stages.failureOf(models));
              }
              return known;
            });
  }

  /** Only the one that refreshes comes here, so there is one writer at a time. */
  private @Nullable Models merge(
      @Nullable ListModelsResponse models, @Nullable GetCatalogResponse catalog) {
    List<Model> listed = models == null ? null : models.getModelsList();
    Models before = current;
    Models next;
    if (before != null) {
      next = before.with(listed, catalog);
    } else if (listed != null) {
      next = Models.of(listed, catalog);
    } else {
      return null;
    }
    if (next != before) {
      current = next;
      log.info("{}", next);
      for (ServedModel model : next.all()) {
        if (next.hasCatalog() && model.problem() != null) {
          log.warn("not run: {}", model.problem().getMessage());
        }
      }
    }
    return next;
  }

  private void note(@Nullable Throwable failure) {
    boolean before = complete;
    complete = failure == null;
    if (failure != null) {
      // The channels wait longer and longer between attempts; this period is the one that counts.
      featureStore.reconnect();
      scorer.reconnect();
    }
    if (failure != null && before) {
      // Services that start together wait for each other; that is no reason to warn.
      log.atLevel(current == null ? Level.INFO : Level.WARN)
          .log("models or catalog not read: {}", failure.getMessage());
    } else if (failure == null && !before) {
      log.info("models and catalog read again");
    }
  }

  private void poll(Consumer<Models> onRefresh) {
    var _ =
        refresh()
            .thenAccept(onRefresh)
            .whenComplete(
                (done, failure) -> {
                  Models models = current;
                  boolean known = models != null && models.hasCatalog();
                  schedule(
                      onRefresh, known || period.compareTo(UNTIL_KNOWN) < 0 ? period : UNTIL_KNOWN);
                });
  }

  private void schedule(Consumer<Models> onRefresh, Duration delay) {
    if (!timer.isShutdown()) {
      var _ = timer.schedule(() -> poll(onRefresh), delay.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private static <T> @Nullable T answerOf(CompletableFuture<T> call) {
    return call.isCompletedExceptionally() ? null : call.join();
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
