package io.clientele.gateway;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import com.github.benmanes.caffeine.cache.Ticker;
import io.clientele.gateway.v1.CustomerStatus;
import io.clientele.grpc.ErrorPolicy;
import io.clientele.grpc.PreconditionException;
import io.clientele.grpc.UnavailableException;
import io.grpc.Deadline;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Loads a batch of customers: one read of features, one run of all models, whoever asked for which.
 * Where the store's catalog or a model's version is not the one that is known, it asks the
 * directory and tries once more, so outputs are only ever read with the names and bands of the
 * version that made them. What it scores it puts into the cache. Thread-safe; never blocks.
 */
final class ScoreLoader implements Coalescer.Loader<String, Loaded> {
  private final ModelDirectory directory;
  private final Dependency<FeatureQuery, FeatureMatrix> features;
  private final Dependency<InferenceQuery, List<ModelOutputs>> inference;
  private final ScoreCache cache;
  private final Ticker ticker;

  ScoreLoader(
      ModelDirectory directory,
      Dependency<FeatureQuery, FeatureMatrix> features,
      Dependency<InferenceQuery, List<ModelOutputs>> inference,
      ScoreCache cache,
      Ticker ticker) {
    this.directory = directory;
    this.features = features;
    this.inference = inference;
    this.cache = cache;
    this.ticker = ticker;
  }

  @Override
  public CompletionStage<List<Loaded>> load(List<String> customers, long timeoutNs) {
    Deadline deadline = Deadline.after(timeoutNs, NANOSECONDS);
    return directory
        .known()
        .thenCompose(models -> new Attempt(customers, models, deadline, true).run())
        .thenApply(loaded -> keep(customers, loaded));
  }

  private List<Loaded> keep(List<String> customers, List<Loaded> loaded) {
    for (int i = 0; i < customers.size(); i++) {
      if (loaded.get(i) instanceof Scored scored) {
        cache.put(customers.get(i), scored);
      }
    }
    return loaded;
  }

  /** One try, with what is known of models and catalog as it begins. */
  private final class Attempt {
    private final List<String> customers;
    private final Models models;
    private final Deadline deadline;
    private final boolean first;
    private final long startNs = ticker.read();

    Attempt(List<String> customers, Models models, Deadline deadline, boolean first) {
      this.customers = customers;
      this.models = models;
      this.deadline = deadline;
      this.first = first;
    }

    CompletionStage<List<Loaded>> run() {
      if (!models.hasCatalog()) {
        return CompletableFuture.failedFuture(new UnavailableException("feature-store", null));
      }
      return Stages.then(
          features.ask(new FeatureQuery(customers, models), deadline),
          this::infer,
          failure ->
              retry(
                  ErrorPolicy.isCallersFault(failure),
                  () -> CompletableFuture.failedFuture(away("feature-store", failure))));
    }

    private CompletionStage<List<Loaded>> infer(FeatureMatrix matrix) {
      if (!matrix.knowsAny() || models.running().isEmpty()) {
        return scored(matrix, List.of());
      }
      return Stages.then(
          inference.ask(new InferenceQuery(matrix, models), deadline),
          outputs ->
              retry(!BatchOutputs.versionsMatch(models, outputs), () -> scored(matrix, outputs)),
          failure ->
              retry(
                  ErrorPolicy.isCallersFault(failure),
                  () -> unscored(matrix, away("scorer", failure))));
    }

    /** Tries again with what the directory knows now, where that may help and is new. */
    private CompletionStage<List<Loaded>> retry(
        boolean outdated, Supplier<CompletionStage<List<Loaded>>> otherwise) {
      if (!outdated || !first) {
        return otherwise.get();
      }
      return Stages.then(
          directory.refresh().copy().orTimeout(deadline.timeRemaining(NANOSECONDS), NANOSECONDS),
          known ->
              known == models
                  ? otherwise.get()
                  : new Attempt(customers, known, deadline, false).run(),
          failure -> otherwise.get());
    }

    private CompletionStage<List<Loaded>> scored(FeatureMatrix matrix, List<ModelOutputs> outputs) {
      BatchOutputs batch = new BatchOutputs(models, matrix, outputs, startNs);
      List<Loaded> loaded = new ArrayList<>(matrix.rows());
      for (int row = 0; row < matrix.rows(); row++) {
        loaded.add(matrix.isDamaged(row) ? damaged(matrix, row) : batch.row(row));
      }
      return CompletableFuture.completedFuture(loaded);
    }

    private CompletionStage<List<Loaded>> unscored(FeatureMatrix matrix, Throwable reason) {
      BatchOutputs batch = new BatchOutputs(models, matrix, List.of(), startNs);
      List<Loaded> loaded = new ArrayList<>(matrix.rows());
      for (int row = 0; row < matrix.rows(); row++) {
        loaded.add(
            matrix.isDamaged(row)
                ? damaged(matrix, row)
                : matrix.knows(row)
                    ? unscored(matrix, row, CustomerStatus.FOUND, reason)
                    : batch.row(row));
      }
      return CompletableFuture.completedFuture(loaded);
    }

    /** What nothing can be computed from is no reason to fail the others of the batch. */
    private static Loaded damaged(FeatureMatrix matrix, int row) {
      return unscored(
          matrix,
          row,
          CustomerStatus.UNDETERMINED,
          new PreconditionException("customer", "its state in the feature store is damaged"));
    }

    private static Loaded unscored(
        FeatureMatrix matrix, int row, CustomerStatus status, Throwable reason) {
      return new Unscored(status, matrix.versions().get(row), matrix.asOf(), reason);
    }
  }

  /** A refused question keeps its status; all else says who is away. */
  private static Throwable away(String dependency, Throwable failure) {
    return ErrorPolicy.isCallersFault(failure) || failure instanceof UnavailableException
        ? failure
        : new UnavailableException(dependency, failure);
  }
}
