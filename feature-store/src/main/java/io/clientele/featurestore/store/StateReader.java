package io.clientele.featurestore.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * Reads customers' states, those of many callers in one trip to Redis. Thread-safe.
 *
 * <p>An event loop makes trips itself, on a connection of its own; what it cannot do, and what
 * other threads ask for, goes to the lanes. What follows on a read runs on the thread that made the
 * trip.
 */
final class StateReader implements AutoCloseable {
  /** Customers that a trip fetches, but for those of its last caller. */
  private static final int TRIP_CUSTOMERS = 1_024;

  private final CustomerKeys keys;
  private final WaitingWork<StateRead> waiting;
  private final List<Lane<StateRead>> lanes = new ArrayList<>();
  private final LoopLinks loops;
  private final Stages stages;

  StateReader(
      CustomerKeys keys,
      int maxWaitingCustomers,
      List<RedisConnection> connections,
      LoopDialer dialer,
      Stages stages) {
    this.keys = keys;
    this.stages = stages;
    waiting = new WaitingWork<>("read queue", maxWaitingCustomers, TRIP_CUSTOMERS);
    loops = new LoopLinks(waiting, dialer, stages);
    for (RedisConnection connection : connections) {
      String name = "redis-read-" + (lanes.size() + 1);
      lanes.add(Lane.start(name, waiting, connection, reads -> trip(connection, reads)));
    }
  }

  /**
   * Reads states in the order of the customers.
   *
   * @param fields those wanted
   * @param abandoned whether nobody waits for the answer any more
   */
  CompletableFuture<List<StoredState>> read(
      List<String> customerIds, StateFields fields, BooleanSupplier abandoned) {
    CustomerKey[] wanted = new CustomerKey[customerIds.size()];
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] = keys.of(customerIds.get(i));
    }
    var read = new StateRead(wanted, fields, abandoned);
    if (!loops.add(read)) {
      waiting.add(read);
    }
    return read.states();
  }

  private void trip(RedisConnection redis, List<StateRead> reads) {
    long startNs = System.nanoTime();
    List<Object> replies =
        redis.read(
            pipeline -> {
              for (StateRead read : reads) {
                read.send(pipeline);
              }
            });
    stages.redis().recordNs(System.nanoTime() - startNs);
    int from = 0;
    for (StateRead read : reads) {
      stages.queue().recordNs(startNs - read.createdNs());
      read.complete(replies.subList(from, from + read.weight()));
      from += read.weight();
    }
  }

  /** Ends trips of event loops that take too long. */
  void abortOverdue() {
    loops.abortOverdue();
  }

  /** Ends trips of event loops, and their connections. */
  void abort() {
    loops.abort();
  }

  @Override
  public void close() {
    waiting.close();
    loops.close();
    lanes.forEach(Lane::close);
  }
}
