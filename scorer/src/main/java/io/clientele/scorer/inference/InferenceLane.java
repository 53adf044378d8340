package io.clientele.scorer.inference;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread's life: take what waits, run each model once over all the jobs that ask for it with
 * the same columns, give each job its own rows back. Every job that is taken is answered.
 */
final class InferenceLane implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(InferenceLane.class);

  private final int index;
  private final JobQueue queue;
  private final int maxBatchRows;
  private final InferenceMetrics metrics;
  private final List<InferenceJob> jobs = new ArrayList<>();
  private final ModelBatch batch;

  InferenceLane(int index, JobQueue queue, int maxBatchRows, InferenceMetrics metrics) {
    this.index = index;
    this.queue = queue;
    this.maxBatchRows = maxBatchRows;
    this.metrics = metrics;
    this.batch = new ModelBatch(index, metrics);
  }

  @Override
  public void run() {
    while (queue.take(jobs, maxBatchRows)) {
      try {
        runJobs();
      } catch (Throwable t) { // the lane's boundary: it lives on, and nobody waits in vain
        log.error("lane {}: unexpected failure", index, t);
        for (InferenceJob job : jobs) {
          job.fail(t);
        }
      }
      jobs.clear();
      batch.clear();
    }
  }

  private void runJobs() {
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
