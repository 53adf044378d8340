package io.clientele.featurestore.store;

import java.util.List;
import java.util.function.Consumer;

/**
 * A named thread that takes batches of waiting work and works them off, one trip to Redis a batch.
 * Work whose caller is gone is not begun. Whatever a batch throws fails all of it, and the lane
 * goes on.
 */
final class Lane<W extends Work> implements AutoCloseable {
  private final WaitingWork<W> waiting;
  private final Consumer<List<W>> trip;
  private final RedisConnection connection;
  private final Thread thread;

  private Lane(
      String name, WaitingWork<W> waiting, RedisConnection connection, Consumer<List<W>> trip) {
    this.waiting = waiting;
    this.trip = trip;
    this.connection = connection;
    thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
  }

  /**
   * @param connection the lane's own; closed with it
   * @param trip ends every piece of work that it is given
   */
  static <W extends Work> Lane<W> start(
      String name, WaitingWork<W> waiting, RedisConnection connection, Consumer<List<W>> trip) {
    var lane = new Lane<>(name, waiting, connection, trip);
    lane.thread.start();
    return lane;
  }

  private void run() {
    try {
      List<W> batch = waiting.take();
      while (!batch.isEmpty()) {
        work(batch);
        batch = waiting.take();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      connection.close();
    }
  }

  private void work(List<W> batch) {
    List<W> wanted = Work.wanted(batch);
    if (wanted.isEmpty()) {
      return;
    }
    try {
      trip.accept(wanted);
    } catch (Throwable failure) {
      for (W work : wanted) {
        work.fail(failure);
      }
    }
  }

  /** Waits for the trip in flight. The queue is to be closed before. */
  @Override
  public void close() {
    try {
      thread.join();
    } catch (InterruptedException e) {
      connection.abort();
      Thread.currentThread().interrupt();
    }
  }
}
