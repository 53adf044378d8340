package io.clientele.featurestore.store;

import io.clientele.grpc.UnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Reads customers' states, those of many callers in one trip to Redis. Thread-safe.
 *
 * <p>What follows on a read runs on the thread of the lane that made the trip.
 */
final class StateReader implements AutoCloseable {
  /** Customers that a trip fetches, but for those of its last caller. */
  private static final int TRIP_CUSTOMERS = 1_024;

  private final CustomerKeys keys;
  private final WaitingWork<Read> waiting;
  private final List<Lane<Read>> lanes = new ArrayList<>();
  private final Stages stages;

  StateReader(
      CustomerKeys keys,
      int maxWaitingCustomers,
      List<RedisConnection> connections,
      Stages stages) {
    this.keys = keys;
    this.stages = stages;
    waiting = new WaitingWork<>("read queue", maxWaitingCustomers, TRIP_CUSTOMERS);
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
    var read = new Read(wanted, fields, abandoned);
    waiting.add(read);
    return read.states;
  }

  private void trip(RedisConnection redis, List<Read> reads) {
    long startNs = System.nanoTime();
    List<Object> replies =
        redis.read(
            pipeline -> {
              for (Read read : reads) {
                read.send(pipeline);
              }
            });
    stages.redis().recordNs(System.nanoTime() - startNs);
    int from = 0;
    for (Read read : reads) {
      stages.queue().recordNs(startNs - read.createdNs);
      read.complete(replies.subList(from, from + read.weight()));
      from += read.weight();
    }
  }

  @Override
  public void close() {
    waiting.close();
    lanes.forEach(Lane::close);
  }

  private static final class Read implements Work {
    private final CustomerKey[] keys;
    private final StateFields fields;
    private final BooleanSupplier abandoned;
    private final long createdNs = System.nanoTime();
    private final CompletableFuture<List<StoredState>> states = new CompletableFuture<>();

    Read(CustomerKey[] keys, StateFields fields, BooleanSupplier abandoned) {
      this.keys = keys;
      this.fields = fields;
      this.abandoned = abandoned;
    }

    void send(Pipeline pipeline) {
      for (CustomerKey key : keys) {
        fields.send(pipeline, key);
      }
    }

    void complete(List<Object> replies) {
      var read = new ArrayList<StoredState>(replies.size());
      for (Object reply : replies) {
        if (reply instanceof JedisDataException refused) {
          states.completeExceptionally(new UnavailableException("redis", refused));
          return;
        }
        read.add(StoredState.ofReply(fields, reply));
      }
      states.complete(read);
    }

    @Override
    public int weight() {
      return keys.length;
    }

    @Override
    public boolean abandoned() {
      return abandoned.getAsBoolean();
    }

    @Override
    public void fail(Throwable cause) {
      states.completeExceptionally(cause);
    }
  }
}
