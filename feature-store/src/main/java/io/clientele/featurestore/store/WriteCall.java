package io.clientele.featurestore.store;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisDataException;

/** One call of the script that writes states: customers of one bucket. Not thread-safe. */
final class WriteCall {
  private final BucketKeys bucket;
  private final List<CustomerFold> customers;
  private long before = CompareAndSet.NOT_READ;

  /**
   * @param customers those without a state last
   */
  private WriteCall(List<CustomerFold> customers) {
    this.bucket = customers.getFirst().key().keysOfBucket();
    this.customers = customers;
  }

  /**
   * The calls that write these customers; those of a bucket follow on each other. Those without a
   * state come last of all, as each may fail by a tombstone alone. Of the others, one that fails
   * was changed by somebody, who has made up for it in the counter: so a counter that is as it
   * should be behind a call says that nobody has changed the customers of the next.
   */
  static List<WriteCall> of(List<CustomerFold> changed) {
    var ofBucket = new LinkedHashMap<Integer, List<CustomerFold>>();
    for (CustomerFold customer : changed) {
      ofBucket.computeIfAbsent(customer.key().bucket(), _ -> new ArrayList<>()).add(customer);
    }
    List<WriteCall> calls = new ArrayList<>();
    for (List<CustomerFold> customers : ofBucket.values()) {
      customers.sort(Comparator.comparing(CustomerFold::isNew));
      for (int from = 0; from < customers.size(); from += CompareAndSet.MAX_CUSTOMERS) {
        int to = Math.min(customers.size(), from + CompareAndSet.MAX_CUSTOMERS);
        calls.add(new WriteCall(List.copyOf(customers.subList(from, to))));
      }
    }
    return calls;
  }

  BucketKeys bucket() {
    return bucket;
  }

  List<CustomerFold> customers() {
    return customers;
  }

  /**
   * Sends it.
   *
   * @param scriptKnown whether Redis has seen the script since it was started
   * @param last the call that was sent before; null for none
   * @param feedEntries how many changes the feed keeps
   */
  void send(
      Pipeline pipeline,
      boolean scriptKnown,
      BucketCounters counters,
      @Nullable WriteCall last,
      int feedEntries) {
    before = counters.before(bucket);
    if (last != null && last.bucket == bucket && before != CompareAndSet.NOT_READ) {
      before = last.before + last.customers.size();
    }
    boolean sameRedis = counters.isSameRedis();
    CompareAndSet.send(
        pipeline,
        scriptKnown,
        bucket,
        before,
        customers.stream().map(customer -> customer.write(sameRedis)).toList(),
        feedEntries);
  }

  /** Tells the counters what the script has answered. */
  void settle(List<?> reply, BucketCounters counters) {
    int changes = 0;
    for (Object outcome : reply.subList(1, reply.size())) {
      boolean passed =
          outcome instanceof JedisDataException || (outcome instanceof Long one && one == 1);
      changes += passed ? 1 : 0;
    }
    counters.wrote(bucket, (Long) reply.getFirst(), changes);
  }
}
