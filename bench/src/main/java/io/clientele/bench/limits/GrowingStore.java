package io.clientele.bench.limits;

import io.clientele.bench.limits.Processes.Redis;
import io.clientele.bench.limits.Processes.Service;
import io.clientele.bench.memory.RedisInfo;
import io.clientele.cli.SimulatedShop;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** A store to which one simulated shop's customers are added, and what they take in Redis. */
final class GrowingStore implements AutoCloseable {
  private static final int SEED = 1;
  private static final int SAMPLE = 100_000;

  private final Service featureStore;
  private final RedisInfo redis;
  private final Instant until = Instant.now();
  private final long emptyBytes;
  private int customers;
  private long events;

  /** For an empty store. */
  GrowingStore(Service featureStore, Redis redis) {
    this.featureStore = featureStore;
    this.redis = new RedisInfo(redis.uri());
    emptyBytes = this.redis.usedBytes();
  }

  /**
   * How much is in the store.
   *
   * @param seconds that loading what was added took
   * @param bytes {@code used_memory} less that of the empty store
   * @param feedBytes what the change feed takes of these
   */
  record Size(int customers, long events, double seconds, long bytes, long feedBytes) {
    double eventsPerCustomer() {
      return (double) events / customers;
    }

    double bytesPerCustomer() {
      return (double) bytes / customers;
    }

    /** The feed has a bound of its own, whatever the number of customers. */
    double bytesPerCustomerWithoutFeed() {
      return (double) (bytes - feedBytes) / customers;
    }
  }

  /** Adds customers until there are so many, and waits until Redis is at rest. */
  Size grow(int wanted) {
    long startNs = System.nanoTime();
    var shop = new SimulatedShop(SimulatedShop.Settings.cdnow(wanted, SEED, until));
    events += ShopLoad.record(featureStore, shop, customers);
    customers = wanted;
    double seconds = (System.nanoTime() - startNs) / 1e9;
    redis.awaitAppendOnlyFile();
    return new Size(customers, events, seconds, redis.usedBytes() - emptyBytes, redis.feedBytes());
  }

  String description() {
    return redis.description();
  }

  /** Some of the customers at random, each once. */
  List<String> sample() {
    List<String> ids = new ArrayList<>(Scenarios.ids(0, customers));
    Collections.shuffle(ids, new Random(SEED));
    return List.copyOf(ids.subList(0, Math.min(SAMPLE, customers)));
  }

  @Override
  public void close() {
    redis.close();
  }
}
