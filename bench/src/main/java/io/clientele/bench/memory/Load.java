package io.clientele.bench.memory;

import io.clientele.featurestore.engine.FeaturePlan;
import java.util.ArrayList;
import java.util.List;

/**
 * What a load came to.
 *
 * @param seconds from the first customer to the end of the last write
 */
record Load(long customers, long events, double seconds) {
  private static final int BATCH = 1_000;

  /** Writes all customers of a log. */
  static Load of(CustomerLog log, FeaturePlan plan, LayoutKind kind, MeasuredRedis redis) {
    long startNs = System.nanoTime();
    var writer = new Writer();
    try (Layout layout = kind.open(redis.uri(), plan, log.nowMs())) {
      log.forEach(plan, customer -> writer.add(customer, layout));
      writer.finish(layout);
    }
    return new Load(writer.customers, writer.events, (System.nanoTime() - startNs) / 1e9);
  }

  private static final class Writer {
    private final List<Customer> batch = new ArrayList<>(BATCH);
    private long customers;
    private long events;

    void add(Customer customer, Layout layout) {
      customers++;
      events += customer.events().size();
      batch.add(customer);
      if (batch.size() == BATCH) {
        finish(layout);
      }
    }

    void finish(Layout layout) {
      layout.write(List.copyOf(batch));
      batch.clear();
    }
  }
}
