package io.clientele.scorer.inference;

import io.clientele.grpc.OverloadedException;
import io.clientele.grpc.UnavailableException;
import io.grpc.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;

/**
 * Runs models over matrices on threads of its own, one a lane, fed by one bounded queue. Requests
 * that wait together run together. Thread-safe.
 */
public final class InferenceLanes implements AutoCloseable {
  private final JobQueue queue;
  private final List<Thread> threads = new ArrayList<>();

  /**
   * Starts the threads.
   *
   * @param lanes how many; models are opened for as many
   * @param queueRows most rows that wait
   * @param maxBatchRows most rows that requests are merged to; a request of more runs alone
   */
  public InferenceLanes(int lanes, int queueRows, int maxBatchRows, InferenceMetrics metrics) {
    this(
        lanes,
        queueRows,
        maxBatchRows,
        metrics,
        Thread.ofPlatform().name("scorer-infer-", 0).daemon().factory());
  }

  InferenceLanes(
      int lanes,
      int queueRows,
      int maxBatchRows,
      InferenceMetrics metrics,
      ThreadFactory threadFactory) {
    queue = new JobQueue(queueRows);
    metrics.watchQueue(queue::rows);
    for (int i = 0; i < lanes; i++) {
      Thread thread = threadFactory.newThread(new InferenceLane(i, queue, maxBatchRows, metrics));
      threads.add(thread);
      thread.start();
    }
  }

  /**
   * Runs models over a matrix, for the call whose context is current: work is not begun once its
   * deadline has passed or it is cancelled. The result completes on a lane's thread, which must not
   * be held up.
   *
   * @param names models; all that serve where empty
   * @param columns the matrix's
   * @return one output a model, in the order asked
   * @throws io.clientele.grpc.InvalidRequestException if a model or the columns cannot be used
   * @throws OverloadedException if the queue is full
   * @throws UnavailableException if no model serves, or after close
   */
  public CompletableFuture<List<ModelOutput>> infer(
      ServingModels models, List<String> names, List<String> columns, FeatureMatrix matrix) {
    InferenceJob job =
        new InferenceJob(
            matrix, models.mappings(names, columns), Context.current(), System.nanoTime());
    queue.add(job);
    return job.result();
  }

  /** Fails what waits, lets the runs that have begun end, and ends the threads. */
  @Override
  public void close() {
    for (InferenceJob job : queue.close()) {
      job.fail(new UnavailableException("inference", null));
    }
    boolean interrupted = false;
    for (Thread thread : threads) {
      interrupted |= joinUninterruptibly(thread);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whoever closes the models next must not find a lane in the middle of a run. */
  private static boolean joinUninterruptibly(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        return interrupted;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }
}
