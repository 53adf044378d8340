package io.clientele.scorer.inference;

import io.clientele.grpc.Bursts;
import io.clientele.grpc.OverloadedException;
import io.clientele.grpc.UnavailableException;
import io.grpc.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * Runs models over matrices. What an event loop has read at once and that takes but a moment runs
 * as one batch on the loop itself, where a lane is free. All else goes to threads of the lanes' own
 * through one bounded queue; requests that wait together run together. Thread-safe.
 */
public final class InferenceLanes implements AutoCloseable {
  /** A fraction of a millisecond, as other calls of the loop wait for as long. */
  private static final long LONGEST_ON_LOOP_NS = TimeUnit.MICROSECONDS.toNanos(400);

  private final JobQueue queue;
  private final int maxBatchRows;
  private final Bursts<InferenceJob> bursts = new Bursts<>(this::runBurst);
  private final List<InferenceLane> lanes = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();

  /**
   * Starts the threads.
   *
   * @param count how many lanes; models are opened for as many
   * @param queueRows most rows that wait
   * @param maxBatchRows most rows that requests are merged to; a request of more runs alone
   */
  public InferenceLanes(int count, int queueRows, int maxBatchRows, InferenceMetrics metrics) {
    this(
        count,
        queueRows,
        maxBatchRows,
        metrics,
        Thread.ofPlatform().name("scorer-infer-", 0).daemon().factory());
  }

  InferenceLanes(
      int count,
      int queueRows,
      int maxBatchRows,
      InferenceMetrics metrics,
      ThreadFactory threadFactory) {
    queue = new JobQueue(queueRows);
    this.maxBatchRows = maxBatchRows;
    metrics.watchQueue(queue::rows);
    for (int i = 0; i < count; i++) {
      InferenceLane lane = new InferenceLane(i, queue, maxBatchRows, metrics);
      lanes.add(lane);
      Thread thread = threadFactory.newThread(lane);
      threads.add(thread);
      thread.start();
    }
  }

  /**
   * Runs models over a matrix, for the call whose context is current: work is not begun once its
   * deadline has passed or it is cancelled. The result completes on a lane's thread or on the event
   * loop that the call came by; neither must be held up.
   *
   * @param names models; all that serve where empty
   * @param columns the matrix's
   * @return one output a model, in the order asked
   * @throws io.clientele.grpc.InvalidRequestException if a model or the columns cannot be used
   * @throws OverloadedException if the queue is full; what came by an event loop fails with it
   * @throws UnavailableException if no model serves, or after close; likewise
   */
  public CompletableFuture<List<ModelOutput>> infer(
      ServingModels models, List<String> names, List<String> columns, FeatureMatrix matrix) {
    InferenceJob job =
        new InferenceJob(
            matrix, models.mappings(names, columns), Context.current(), System.nanoTime());
    if (!bursts.add(job)) {
      queue.add(job);
    }
    return job.result();
  }

  /** On an event loop. */
  private void runBurst(List<InferenceJob> jobs) {
    if (queue.rows() == 0 && InferenceJob.rows(jobs) <= maxBatchRows) {
      for (InferenceLane lane : lanes) {
        if (lane.tryRun(jobs, LONGEST_ON_LOOP_NS)) {
          return;
        }
      }
    }
    for (InferenceJob job : jobs) {
      try {
        queue.add(job);
      } catch (RuntimeException refused) {
        job.fail(refused);
      }
    }
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
    lanes.forEach(InferenceLane::close);
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
