package io.clientele.featurestore.store;

import io.clientele.grpc.OverloadedException;
import io.clientele.grpc.UnavailableException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A bounded queue whose takers get all that waits, up to a limit, as one batch: while one batch is
 * in flight the next one fills, and what comes alone goes at once. Thread-safe.
 */
final class WaitingWork<W extends Work> {
  private final String name;
  private final int maxWeight;
  private final int maxBatchWeight;
  private final ArrayDeque<W> waiting = new ArrayDeque<>();
  private int weight;
  private boolean closed;

  /**
   * @param name what it is called when it is full
   * @param maxWeight how much may wait
   * @param maxBatchWeight how much a batch holds, but for its last piece of work
   */
  WaitingWork(String name, int maxWeight, int maxBatchWeight) {
    this.name = name;
    this.maxWeight = maxWeight;
    this.maxBatchWeight = maxBatchWeight;
  }

  /**
   * @throws OverloadedException if it is full
   * @throws UnavailableException if it is closed
   */
  synchronized void add(W work) {
    addQuietly(work);
    notify();
  }

  /**
   * As {@link #add}, but wakes nobody: who adds sees to it that the work is polled, or calls {@link
   * #wake}.
   */
  synchronized void addQuietly(W work) {
    if (closed) {
      throw new UnavailableException("feature-store", null);
    }
    if (weight + work.weight() > maxWeight) {
      throw new OverloadedException(name, maxWeight);
    }
    weight += work.weight();
    waiting.add(work);
  }

  /** Puts back what was taken, before all else and whether there is room or not. */
  void again(W work) {
    synchronized (this) {
      if (!closed) {
        weight += work.weight();
        waiting.addFirst(work);
        notify();
        return;
      }
    }
    work.fail(new UnavailableException("feature-store", null));
  }

  /** Wakes a taker if anything waits. */
  void wake() {
    wakeBeyond(0);
  }

  /** Wakes a taker if more than this waits. */
  synchronized void wakeBeyond(int enough) {
    if (weight > enough) {
      notify();
    }
  }

  /**
   * Takes what waits now, as far as it is wanted and no more than this together; may be nothing.
   */
  synchronized List<W> poll(int maxBatch, Predicate<W> wanted) {
    var batch = new ArrayList<W>();
    int batchWeight = 0;
    W next = waiting.peek();
    while (next != null && batchWeight + next.weight() <= maxBatch && wanted.test(next)) {
      batchWeight += next.weight();
      batch.add(waiting.remove());
      next = waiting.peek();
    }
    weight -= batchWeight;
    return batch;
  }

  /** Waits for work; empty once the queue is closed. */
  synchronized List<W> take() throws InterruptedException {
    while (waiting.isEmpty() && !closed) {
      wait();
    }
    var batch = new ArrayList<W>();
    int batchWeight = 0;
    while (batchWeight < maxBatchWeight && !waiting.isEmpty()) {
      W work = waiting.remove();
      batchWeight += work.weight();
      batch.add(work);
    }
    weight -= batchWeight;
    return batch;
  }

  /** Refuses further work; what waits is failed. */
  void close() {
    List<W> left;
    synchronized (this) {
      closed = true;
      left = List.copyOf(waiting);
      waiting.clear();
      weight = 0;
      notifyAll();
    }
    for (W work : left) {
      work.fail(new UnavailableException("feature-store", null));
    }
  }
}
