package io.clientele.featurestore.store;

import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.StateException;
import io.clientele.featurestore.store.ChangeBatch.Part;
import io.clientele.grpc.PreconditionException;
import io.clientele.grpc.UnavailableException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/**
 * One lane's trips: each reads the states of its customers, folds, and writes what has changed by
 * compare-and-set; where another process was faster, it reads and folds again. Not thread-safe.
 *
 * <p>Of buckets that only this lane changes, states that it remembers from its own writes are not
 * read: the write finds out where one is not the last. Nothing is answered by them alone: where
 * there is nothing to write, as for a repeated event, the state is read after all.
 */
final class WriteTrips {
  /** Each means that some other process got on, so that all of them cannot go on for long. */
  private static final int MAX_ATTEMPTS = 64;

  private final FeaturePlan plan;
  private final InstantSource clock;
  private final ChangeSettings settings;
  private final RedisConnection redis;
  private final BucketCounters counters;
  private final WrittenStates remembered;
  private final Stages stages;

  WriteTrips(
      FeaturePlan plan,
      InstantSource clock,
      ChangeSettings settings,
      CustomerKeys keys,
      RedisConnection redis,
      WrittenStates remembered,
      Stages stages) {
    this.plan = plan;
    this.clock = clock;
    this.settings = settings;
    this.redis = redis;
    this.counters = new BucketCounters(redis, keys.buckets());
    this.remembered = remembered;
    this.stages = stages;
  }

  /** Makes a trip, which ends every part. */
  void make(List<Part> parts) {
    long startNs = System.nanoTime();
    for (Part part : parts) {
      stages.queue().recordNs(startNs - part.createdNs());
    }
    counters.begin();
    List<CustomerFold> unknown = new ArrayList<>();
    List<CustomerFold> changed = foldRemembered(byCustomer(parts), unknown);
    if (!unknown.isEmpty()) {
      changed.addAll(fold(unknown, read(unknown)));
    }
    boolean scriptKnown = true;
    for (int attempt = 0; !changed.isEmpty() && attempt < MAX_ATTEMPTS; attempt++) {
      List<WriteCall> calls = WriteCall.of(changed);
      List<Object> replies = write(calls, scriptKnown);
      scriptKnown = replies.stream().noneMatch(JedisNoScriptException.class::isInstance);
      changed = settle(calls, replies);
    }
    for (CustomerFold customer : changed) {
      customer.fail(
          new UnavailableException("redis", new IllegalStateException("too many writers")));
    }
    counters.end();
  }

  private static List<CustomerFold> byCustomer(List<Part> parts) {
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

  /**
   * Folds into what is remembered and returns those customers that must be written.
   *
   * @param unknown takes all others
   */
  private List<CustomerFold> foldRemembered(
      List<CustomerFold> customers, List<CustomerFold> unknown) {
    var known = new ArrayList<CustomerFold>(customers.size());
    var states = new ArrayList<StoredState>(customers.size());
    for (CustomerFold customer : customers) {
      BucketKeys bucket = customer.key().keysOfBucket();
      StoredState state = remembered.take(customer.key().customer(), counters.era(bucket));
      if (state != null && counters.isOwn(bucket) && !customer.hasGroups()) {
        known.add(customer);
        states.add(state);
      } else {
        unknown.add(customer);
      }
    }
    return known.isEmpty() ? known : foldRemembered(known, states, unknown);
  }

  private List<CustomerFold> foldRemembered(
      List<CustomerFold> known, List<StoredState> states, List<CustomerFold> unknown) {
    long startNs = System.nanoTime();
    long nowMs = clock.millis();
    var changed = new ArrayList<CustomerFold>(known.size());
    for (int i = 0; i < known.size(); i++) {
      CustomerFold customer = known.get(i);
      (changes(customer, states.get(i), nowMs) ? changed : unknown).add(customer);
    }
    stages.compute().recordNs(System.nanoTime() - startNs);
    return changed;
  }

  private boolean changes(CustomerFold customer, StoredState state, long nowMs) {
    try {
      return customer.fold(plan, state, true, nowMs, settings.tombstoneLife());
    } catch (StateException e) {
      return false; // what is wrong with it, the state in Redis tells
    }
  }

  private List<Object> read(List<CustomerFold> customers) {
    long startNs = System.nanoTime();
    BucketKeys[] buckets =
        customers.stream()
            .map(customer -> customer.key().keysOfBucket())
            .filter(bucket -> !counters.isOwn(bucket))
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
  private List<Object> readAgain(List<CustomerFold> customers) {
    if (customers.isEmpty()) {
      return List.of();
    }
    List<Object> replies =
        redis.read(pipeline -> customers.forEach(customer -> customer.sendReadAgain(pipeline)));
    forgetIfRefused(replies);
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

  /** What is not answered as it should be may be of a connection that is lost. */
  private void forgetIfRefused(List<Object> replies) {
    if (replies.stream().anyMatch(WriteTrips::refused)) {
      counters.forget();
    }
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
      if (customer.fold(plan, (StoredState) state, false, nowMs, settings.tombstoneLife())) {
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

  private List<Object> write(List<WriteCall> calls, boolean scriptKnown) {
    long startNs = System.nanoTime();
    List<Object> replies =
        redis.write(
            pipeline -> {
              WriteCall last = null;
              for (WriteCall call : calls) {
                call.send(pipeline, scriptKnown, counters, last, settings.feedEntries());
                last = call;
              }
            });
    stages.redis().recordNs(System.nanoTime() - startNs);
    return replies;
  }

  /** Ends what was written and returns what must be written again. */
  private List<CustomerFold> settle(List<WriteCall> calls, List<Object> replies) {
    var again = new ArrayList<CustomerFold>();
    var overtaken = new ArrayList<CustomerFold>();
    forgetIfRefused(replies);
    for (int i = 0; i < calls.size(); i++) {
      WriteCall call = calls.get(i);
      switch (replies.get(i)) {
        case JedisNoScriptException _ -> again.addAll(call.customers());
        case JedisDataException refused ->
            call.customers()
                .forEach(customer -> customer.fail(new UnavailableException("redis", refused)));
        case List<?> reply -> {
          call.settle(reply, counters);
          long era = counters.era(call.bucket());
          for (int c = 0; c < call.customers().size(); c++) {
            CustomerFold customer = call.customers().get(c);
            switch (reply.get(1 + c)) {
              case Long one when one == 1 -> done(customer, era);
              case JedisDataException refused ->
                  customer.fail(new UnavailableException("redis", refused));
              default -> overtaken.add(customer);
            }
          }
        }
        default -> throw new IllegalStateException("not a reply of the script: " + replies.get(i));
      }
    }
    again.addAll(fold(overtaken, readAgain(overtaken)));
    return again;
  }

  private void done(CustomerFold customer, long era) {
    StoredState written = customer.written();
    if (written != null) {
      remembered.put(customer.key().customer(), era, written);
    }
    customer.done();
  }
}
