package io.clientele.scorer.inference;

import io.clientele.grpc.OverloadedException;
import io.clientele.grpc.UnavailableException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A queue of jobs, first in, first out, bounded by the rows that wait in it. An idle lane takes at
 * once whatever waits, so batches grow with load and never wait for company. Thread-safe.
 */
final class JobQueue {
  private final int maxRows;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<InferenceJob> jobs = new ArrayDeque<>();
  private int rows;
  private boolean closed;

  /**
   * @param maxRows most rows that wait
   */
  JobQueue(int maxRows) {
    this.maxRows = maxRows;
  }

  /**
   * Adds a job.
   *
   * @throws OverloadedException if its rows do not fit
   * @throws UnavailableException if the queue is closed
   */
  void add(InferenceJob job) {
    lock.lock();
    try {
      if (closed) {
        throw new UnavailableException("inference", null);
      }
      if (rows + job.rows() > maxRows) {
        throw new OverloadedException("inference queue (rows)", maxRows);
      }
      jobs.add(job);
      rows += job.rows();
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for jobs and takes those that wait, at least one, up to this many rows together.
   *
   * @return false, with none taken, once the queue is closed
   */
  boolean take(List<InferenceJob> batch, int maxBatchRows) {
    lock.lock();
    try {
      while (jobs.isEmpty()) {
        if (closed) {
          return false;
        }
        changed.awaitUninterruptibly();
      }
      int taken = 0;
      InferenceJob next = jobs.peek();
      while (next != null && (batch.isEmpty() || taken + next.rows() <= maxBatchRows)) {
        batch.add(jobs.remove());
        taken += next.rows();
        next = jobs.peek();
      }
      rows -= taken;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more jobs and hands back those that waited. */
  List<InferenceJob> close() {
    lock.lock();
    try {
      closed = true;
      List<InferenceJob> left = new ArrayList<>(jobs);
      jobs.clear();
      rows = 0;
      changed.signalAll();
      return left;
    } finally {
      lock.unlock();
    }
  }

  /** Rows that wait. */
  int rows() {
    lock.lock();
    try {
      return rows;
    } finally {
      lock.unlock();
    }
  }
}
