package io.clientele.scorer.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A place to run models, for one thread at a time: each model once over all the jobs that ask for
 * it with the same columns; each job gets its own rows back. Every job that is taken is answered.
 *
 * <p>The lane's own thread takes what waits in the queue. In between, an event loop may run what it
 * has read itself, if that is short: to hand it over and back would cost more than the run.
 */
final class InferenceLane implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(InferenceLane.class);

  private final int index;
  private final JobQueue queue;
  private final int maxBatchRows;
  private final InferenceMetrics metrics;
  private final List<InferenceJob> waiting = new ArrayList<>();
  private final ModelBatch batch;

  /** Held by the thread that runs models here. */
  private final Semaphore place = new Semaphore(1);

  /** Touched by who holds the place. */
  private boolean closed;

  InferenceLane(int index, JobQueue queue, int maxBatchRows, InferenceMetrics metrics) {
    this.index = index;
    this.queue = queue;
    this.maxBatchRows = maxBatchRows;
    this.metrics = metrics;
    this.batch = new ModelBatch(index, metrics);
  }

  @Override
  public void run() {
    while (queue.take(waiting, maxBatchRows)) {
      place.acquireUninterruptibly();
      try {
        answer(waiting);
      } finally {
        place.release();
      }
      waiting.clear();
    }
  }

  /**
   * Runs jobs on the calling thread, if the lane is free and they should not take longer than this.
   *
   * @param jobs no more rows than a batch may have
   * @return false, with nothing done, if not
   */
  boolean tryRun(List<InferenceJob> jobs, long longestNs) {
    if (place.hasQueuedThreads() || !place.tryAcquire()) {
      return false;
    }
    try {
      if (closed || expectedNs(jobs) > longestNs) {
        return false;
      }
      answer(jobs);
      return true;
    } finally {
      place.release();
    }
  }

  /** Waits for the run in flight, and lets no event loop run models here any more. */
  void close() {
    place.acquireUninterruptibly();
    closed = true;
    place.release();
  }

  /** At most so long, as if each model ran over all rows. */
  private long expectedNs(List<InferenceJob> jobs) {
    int rows = InferenceJob.rows(jobs);
    double expectedNs = 0;
    InferenceJob before = null;
    for (InferenceJob job : jobs) {
      for (int model = 0; model < job.models(); model++) {
        ColumnMapping mapping = job.mapping(model);
        if (before == null || before.indexOf(mapping) < 0) {
          expectedNs += mapping.model().runner(index).expectedNs(rows);
        }
      }
      before = job;
    }
    return (long) expectedNs;
  }

  private void answer(List<InferenceJob> jobs) {
    try {
      runAll(jobs);
    } catch (Throwable t) { // the lane's boundary: it lives on, and nobody waits in vain
      log.error("lane {}: unexpected failure", index, t);
      for (InferenceJob job : jobs) {
        job.fail(t);
      }
    }
    batch.clear();
  }

  private void runAll(List<InferenceJob> jobs) {
    long nowNs = System.nanoTime();
    for (InferenceJob job : jobs) {
      metrics.waited(nowNs - job.submittedNs());
      Exception reason = job.tooLate();
      if (reason != null) {
        job.fail(reason);
      }
    }
    for (int i = 0; i < jobs.size(); i++) {
      InferenceJob job = jobs.get(i);
      if (job.result().isDone()) {
        continue;
      }
      for (int model = 0; model < job.models(); model++) {
        if (!job.hasOutput(model)) {
          batch.run(job.mapping(model), jobs, i);
        }
      }
      job.complete();
    }
  }
}
