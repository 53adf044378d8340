package io.clientele.featurestore.store;

import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.StateException;
import io.clientele.featurestore.store.ChangeBatch.Part;
import io.clientele.grpc.PreconditionException;
import io.clientele.grpc.UnavailableException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/**
 * Folds changes into customers' states, those of many callers in one trip to Redis. Thread-safe.
 *
 * <p>A trip reads the states of its customers, folds, and writes what has changed by
 * compare-and-set; where another process was faster, it reads and folds again. Each lane has
 * buckets of its own, so that a process never competes with itself, and a customer's changes are
 * folded in the order in which they were handed in.
 *
 * <p>What follows on a batch runs on the thread of the lane that ended it.
 */
final class StateWriter implements AutoCloseable {
  /** Changes that a trip folds, but for those of its last part. */
  private static final int TRIP_CHANGES = 2_048;

  /** Each means that some other process got on, so that all of them cannot go on for long. */
  private static final int MAX_ATTEMPTS = 64;

  private final FeaturePlan plan;
  private final InstantSource clock;
  private final CustomerKeys keys;
  private final ChangeSettings settings;
  private final List<WaitingWork<Part>> queues = new ArrayList<>();
  private final List<Lane<Part>> lanes = new ArrayList<>();
  private final Stages stages;

  StateWriter(
      FeaturePlan plan,
      InstantSource clock,
      CustomerKeys keys,
      ChangeSettings settings,
      int maxWaitingEvents,
      List<RedisConnection> connections,
      Stages stages) {
    this.plan = plan;
    this.clock = clock;
    this.keys = keys;
    this.settings = settings;
    this.stages = stages;
    for (RedisConnection connection : connections) {
      var queue =
          new WaitingWork<Part>("write queue", maxWaitingEvents / connections.size(), TRIP_CHANGES);
      queues.add(queue);
      String name = "redis-write-" + queues.size();
      lanes.add(Lane.start(name, queue, connection, parts -> trip(connection, parts)));
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

  private void trip(RedisConnection redis, List<Part> parts) {
    long startNs = System.nanoTime();
    for (Part part : parts) {
      stages.queue().recordNs(startNs - part.createdNs());
    }
    List<CustomerFold> customers = byCustomer(parts);
    var counters = new BucketCounters(redis);
    List<CustomerFold> changed = fold(customers, read(redis, customers, counters));
    boolean scriptKnown = true;
    for (int attempt = 0; !changed.isEmpty() && attempt < MAX_ATTEMPTS; attempt++) {
      List<List<CustomerFold>> calls = calls(changed);
      List<Object> replies = write(redis, calls, counters, scriptKnown);
      counters.forget();
      scriptKnown = replies.stream().noneMatch(JedisNoScriptException.class::isInstance);
      changed = settle(redis, calls, replies);
    }
    for (CustomerFold customer : changed) {
      customer.fail(
          new UnavailableException("redis", new IllegalStateException("too many writers")));
    }
  }

  private List<CustomerFold> byCustomer(List<Part> parts) {
    Map<String, CustomerFold> customers = new LinkedHashMap<>();
    for (Part part : parts) {
      for (int place = 0; place < part.size(); place++) {
        CustomerKey key = part.key(place);
        customers
            .computeIfAbsent(part.customer(place).customerId(), id -> new CustomerFold(id, key))
            .add(part, place);
      }
    }
    return List.copyOf(customers.values());
  }

  private List<Object> read(
      RedisConnection redis, List<CustomerFold> customers, BucketCounters counters) {
    long startNs = System.nanoTime();
    BucketKeys[] buckets =
        customers.stream()
            .map(customer -> customer.key().keysOfBucket())
            .distinct()
            .toArray(BucketKeys[]::new);
    List<Object> replies =
        redis.read(
            pipeline -> {
              BucketCounters.sendRead(pipeline, buckets);
              customers.forEach(customer -> customer.sendRead(pipeline));
            });
    stages.redis().recordNs(System.nanoTime() - startNs);
    counters.take(buckets, replies);
    var states = new ArrayList<>(customers.size());
    for (int i = 0; i < customers.size(); i++) {
      Object reply = replies.get(buckets.length + i);
      states.add(refused(reply) ? reply : customers.get(i).stored(reply));
    }
    return states;
  }

  /** Reads the states of customers whom somebody else has changed, or forgotten. */
  private List<Object> readAgain(RedisConnection redis, List<CustomerFold> customers) {
    if (customers.isEmpty()) {
      return List.of();
    }
    List<Object> replies =
        redis.read(pipeline -> customers.forEach(customer -> customer.sendReadAgain(pipeline)));
    var states = new ArrayList<>(customers.size());
    for (int i = 0; i < customers.size(); i++) {
      Object reply = replies.get(2 * i);
      Object tombstone = replies.get(2 * i + 1);
      if (refused(reply) || refused(tombstone)) {
        states.add(refused(reply) ? reply : tombstone);
      } else {
        StoredState stored = customers.get(i).stored(reply);
        states.add(stored.exists() ? stored : Tombstone.ofReply(tombstone));
      }
    }
    return states;
  }

  private static boolean refused(Object reply) {
    return reply instanceof JedisDataException;
  }

  /**
   * Folds into what was read and returns those customers that must be written.
   *
   * @param states one a customer: a StoredState, or Redis's refusal
   */
  private List<CustomerFold> fold(List<CustomerFold> customers, List<Object> states) {
    long startNs = System.nanoTime();
    long nowMs = clock.millis();
    var changed = new ArrayList<CustomerFold>();
    for (int i = 0; i < customers.size(); i++) {
      if (fold(customers.get(i), states.get(i), nowMs)) {
        changed.add(customers.get(i));
      }
    }
    stages.compute().recordNs(System.nanoTime() - startNs);
    return changed;
  }

  private boolean fold(CustomerFold customer, Object state, long nowMs) {
    if (state instanceof JedisDataException refused) {
      customer.fail(new UnavailableException("redis", refused));
      return false;
    }
    try {
      if (customer.fold(plan, (StoredState) state, nowMs, settings.tombstoneLife())) {
        return true;
      }
    } catch (StateException e) {
      customer.fail(
          new PreconditionException(
              "state", "customer " + customer.customerId() + ": " + e.getMessage()));
      return false;
    }
    customer.done();
    return false;
  }

  /** The customers of each call of the script: of one bucket, those without a state last. */
  private static List<List<CustomerFold>> calls(List<CustomerFold> changed) {
    var ofBucket = new LinkedHashMap<Integer, List<CustomerFold>>();
    for (CustomerFold customer : changed) {
      ofBucket.computeIfAbsent(customer.key().bucket(), _ -> new ArrayList<>()).add(customer);
    }
    List<List<CustomerFold>> calls = new ArrayList<>();
    for (List<CustomerFold> customers : ofBucket.values()) {
      for (int from = 0; from < customers.size(); from += CompareAndSet.MAX_CUSTOMERS) {
        int to = Math.min(customers.size(), from + CompareAndSet.MAX_CUSTOMERS);
        List<CustomerFold> call = new ArrayList<>(customers.subList(from, to));
        call.sort(Comparator.comparing(CustomerFold::isNew));
        calls.add(call);
      }
    }
    return calls;
  }

  private List<Object> write(
      RedisConnection redis,
      List<List<CustomerFold>> calls,
      BucketCounters counters,
      boolean scriptKnown) {
    long startNs = System.nanoTime();
    List<Object> replies =
        redis.write(
            pipeline -> {
              for (List<CustomerFold> call : calls) {
                BucketKeys bucket = call.getFirst().key().keysOfBucket();
                CompareAndSet.send(
                    pipeline,
                    scriptKnown,
                    bucket,
                    counters.before(bucket, call.size()),
                    call.stream().map(CustomerFold::write).toList(),
                    settings.feedEntries());
              }
            });
    stages.redis().recordNs(System.nanoTime() - startNs);
    return replies;
  }

  /** Ends what was written and returns what must be written again. */
  private List<CustomerFold> settle(
      RedisConnection redis, List<List<CustomerFold>> calls, List<Object> replies) {
    var again = new ArrayList<CustomerFold>();
    var overtaken = new ArrayList<CustomerFold>();
    for (int i = 0; i < calls.size(); i++) {
      List<CustomerFold> call = calls.get(i);
      Object reply = replies.get(i);
      for (int c = 0; c < call.size(); c++) {
        CustomerFold customer = call.get(c);
        switch (reply instanceof List<?> outcomes ? outcomes.get(c) : reply) {
          case Long one when one == 1 -> customer.done();
          case JedisNoScriptException _ -> again.add(customer);
          case JedisDataException refused ->
              customer.fail(new UnavailableException("redis", refused));
          default -> overtaken.add(customer);
        }
      }
    }
    again.addAll(fold(overtaken, readAgain(redis, overtaken)));
    return again;
  }

  @Override
  public void close() {
    queues.forEach(WaitingWork::close);
    lanes.forEach(Lane::close);
  }
}
