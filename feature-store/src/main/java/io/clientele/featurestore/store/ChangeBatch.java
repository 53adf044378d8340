package io.clientele.featurestore.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BooleanSupplier;

/**
 * Changes of many customers that are answered together, in parts of which each is one lane's.
 * Complete when all customers are; failed when the first is. Thread-safe.
 */
final class ChangeBatch {
  private final List<CustomerChanges> customers;
  private final BooleanSupplier abandoned;
  private final AtomicReferenceArray<Recorded> recorded;
  private final AtomicInteger left;
  private final CompletableFuture<List<Recorded>> result = new CompletableFuture<>();
  private final long createdNs = System.nanoTime();

  ChangeBatch(List<CustomerChanges> customers, BooleanSupplier abandoned) {
    this.customers = customers;
    this.abandoned = abandoned;
    recorded = new AtomicReferenceArray<>(customers.size());
    left = new AtomicInteger(customers.size());
    if (customers.isEmpty()) {
      result.complete(List.of());
    }
  }

  /** One a customer, in their order. */
  CompletableFuture<List<Recorded>> result() {
    return result;
  }

  private void record(int index, Recorded value) {
    recorded.set(index, value);
    if (left.decrementAndGet() == 0) {
      var all = new ArrayList<Recorded>(customers.size());
      for (int i = 0; i < customers.size(); i++) {
        all.add(recorded.get(i));
      }
      result.complete(all);
    }
  }

  /** The customers of a batch whose buckets one lane has. */
  static final class Part implements Work {
    private final ChangeBatch batch;
    private final List<Integer> indexes = new ArrayList<>();
    private final List<CustomerKey> keys = new ArrayList<>();
    private int events;

    Part(ChangeBatch batch) {
      this.batch = batch;
    }

    /** Adds a customer by the place in the batch. */
    void add(int index, CustomerKey key) {
      indexes.add(index);
      keys.add(key);
      events += batch.customers.get(index).changes().size();
    }

    /** How many customers it has. */
    int size() {
      return indexes.size();
    }

    CustomerKey key(int place) {
      return keys.get(place);
    }

    CustomerChanges customer(int place) {
      return batch.customers.get(indexes.get(place));
    }

    void record(int place, Recorded recorded) {
      batch.record(indexes.get(place), recorded);
    }

    long createdNs() {
      return batch.createdNs;
    }

    @Override
    public int weight() {
      return events;
    }

    @Override
    public boolean abandoned() {
      return batch.abandoned.getAsBoolean();
    }

    @Override
    public void fail(Throwable cause) {
      batch.result.completeExceptionally(cause);
    }
  }
}
