package io.clientele.featurestore.store;

import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.store.ChangeBatch.Part;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Folds changes into customers' states, those of many callers in one trip. Thread-safe.
 *
 * <p>Each lane has buckets of its own, so that a process never competes with itself, and a
 * customer's changes are folded in the order in which they were handed in.
 *
 * <p>What follows on a batch runs on the thread of the lane that ended it.
 */
final class StateWriter implements AutoCloseable {
  /** Changes that a trip folds, but for those of its last part. */
  private static final int TRIP_CHANGES = 2_048;

  private final CustomerKeys keys;
  private final List<WaitingWork<Part>> queues = new ArrayList<>();
  private final List<Lane<Part>> lanes = new ArrayList<>();

  /**
   * @param maxWaitingEvents of all lanes together
   * @param writeCacheBytes of all lanes together
   * @param connections one a lane
   */
  StateWriter(
      FeaturePlan plan,
      InstantSource clock,
      CustomerKeys keys,
      ChangeSettings settings,
      int maxWaitingEvents,
      long writeCacheBytes,
      List<RedisConnection> connections,
      Stages stages) {
    this.keys = keys;
    for (RedisConnection connection : connections) {
      var queue =
          new WaitingWork<Part>("write queue", maxWaitingEvents / connections.size(), TRIP_CHANGES);
      queues.add(queue);
      String name = "redis-write-" + queues.size();
      var remembered = new WrittenStates(writeCacheBytes / connections.size());
      var trips = new WriteTrips(plan, clock, settings, keys, connection, remembered, stages);
      lanes.add(Lane.start(name, queue, connection, trips::make));
    }
  }

  /**
   * Records changes; what they led to is in Redis when the answer comes.
   *
   * @param customers each at most once
   * @param abandoned whether nobody waits for the answer any more
   * @return one a customer, in their order
   */
  CompletableFuture<List<Recorded>> write(
      List<CustomerChanges> customers, BooleanSupplier abandoned) {
    var batch = new ChangeBatch(customers, abandoned);
    @Nullable Part[] parts = new Part[lanes.size()];
    for (int i = 0; i < customers.size(); i++) {
      CustomerKey key = keys.of(customers.get(i).customerId());
      int lane = key.bucket() % parts.length;
      Part part = parts[lane];
      if (part == null) {
        part = new Part(batch);
        parts[lane] = part;
      }
      part.add(i, key);
    }
    for (int lane = 0; lane < parts.length; lane++) {
      Part part = parts[lane];
      if (part != null) {
        queues.get(lane).add(part);
      }
    }
    return batch.result();
  }

  @Override
  public void close() {
    queues.forEach(WaitingWork::close);
    lanes.forEach(Lane::close);
  }
}
