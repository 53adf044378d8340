package io.clientele.featurestore;

import io.clientele.featurestore.v1.CustomerStatus;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Reads customers again and again on a thread of its own, and keeps what came of it. */
final class TestingReads implements AutoCloseable {
  private final TestingFeatureStore store;
  private final String[] customers;
  private final Set<CustomerStatus> statuses = ConcurrentHashMap.newKeySet();
  private final Set<Status.Code> failures = ConcurrentHashMap.newKeySet();
  private final AtomicInteger answers = new AtomicInteger();
  private volatile boolean stopped;
  private final Thread thread;

  TestingReads(TestingFeatureStore store, String... customers) {
    this.store = store;
    this.customers = customers;
    thread = Thread.ofPlatform().start(this::run);
  }

  private void run() {
    while (!stopped) {
      try {
        statuses.addAll(store.features(customers).getCustomersList());
        answers.incrementAndGet();
      } catch (StatusRuntimeException e) {
        failures.add(e.getStatus().getCode());
      }
    }
  }

  /** Waits until one that begins from now on is answered. */
  void awaitAnswer() {
    int before = answers.get();
    TestingRedisServer.await("no read is answered", () -> answers.get() > before + 1);
  }

  /** Every status that a customer was answered with. */
  Set<CustomerStatus> statuses() {
    return statuses;
  }

  /** Every code that a read failed with. */
  Set<Status.Code> failures() {
    return failures;
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
