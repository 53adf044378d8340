package io.clientele.featurestore.store;

import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.OverloadedException;
import io.clientele.grpc.UnavailableException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Customers' states in one Redis: coalesced reads, folds by compare-and-set, health. Thread-safe;
 * no method blocks but {@link #open} and {@link #close}.
 *
 * <p>Futures fail with {@link UnavailableException} where Redis is away. They complete on the
 * thread of a lane or on the caller's event loop, which is idle for as long as what follows on them
 * takes.
 */
public final class CustomerStore implements AutoCloseable {
  private static final long WATCH_PERIOD_MS = 100;

  private final List<RedisConnection> connections;
  private final StateReader reader;
  private final StateWriter writer;
  private final Forgetting forgetting;
  private final ChangeFeed feed;
  private final RedisHealth health;
  private final ScheduledExecutorService watch;

  private CustomerStore(
      List<RedisConnection> connections,
      StateReader reader,
      StateWriter writer,
      Forgetting forgetting,
      ChangeFeed feed,
      RedisHealth health,
      ScheduledExecutorService watch) {
    this.connections = List.copyOf(connections);
    this.reader = reader;
    this.writer = writer;
    this.forgetting = forgetting;
    this.feed = feed;
    this.health = health;
    this.watch = watch;
  }

  /**
   * Opens the store, whether Redis is there or not yet.
   *
   * @throws IncompatibleRedisException if Redis is there and must not be used
   */
  public static CustomerStore open(
      RedisSettings settings,
      ChangeSettings changes,
      FeaturePlan plan,
      InstantSource clock,
      Metrics metrics) {
    var nodes = new RedisNodes(settings.topology());
    var format = new StoreFormat(settings.buckets(), nodes);
    var refusals = new RedisRefusals(metrics);
    var connections = new ArrayList<RedisConnection>();
    List<RedisConnection> reads = new ArrayList<>();
    for (int i = 1; i <= settings.readLanes(); i++) {
      reads.add(
          new RedisConnection(settings, "read-" + i, nodes, format, Replication.NONE, refusals));
    }
    List<RedisConnection> writes = new ArrayList<>();
    for (int i = 1; i <= settings.writeLanes(); i++) {
      writes.add(
          new RedisConnection(
              settings, "write-" + i, nodes, format, settings.replication(), refusals));
    }
    var ping = new RedisConnection(settings, "health", nodes, format, Replication.NONE, refusals);
    connections.addAll(reads);
    connections.addAll(writes);
    var forgets =
        new RedisConnection(settings, "forget", nodes, format, settings.replication(), refusals);
    var follows = new RedisConnection(settings, "feed", nodes, format, Replication.NONE, refusals);
    connections.addAll(List.of(ping, forgets, follows));

    var keys = new CustomerKeys(settings.buckets());
    var reader =
        new StateReader(
            keys,
            settings.maxWaitingReads(),
            reads,
            LoopDialer.of(settings, nodes, format),
            Stages.ofReads(metrics));
    var health =
        new RedisHealth(
            ping,
            nodes,
            () -> {
              connections.forEach(RedisConnection::abort);
              reader.abort();
            });
    try {
      health.requireCompatible();
    } catch (IncompatibleRedisException e) {
      reader.close();
      throw e;
    }
    ScheduledExecutorService watch =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("redis-watch").daemon().factory());
    var _ =
        watch.scheduleWithFixedDelay(
            () -> {
              connections.forEach(RedisConnection::abortOverdue);
              reader.abortOverdue();
            },
            WATCH_PERIOD_MS,
            WATCH_PERIOD_MS,
            TimeUnit.MILLISECONDS);
    var writer =
        new StateWriter(
            plan,
            clock,
            keys,
            changes,
            settings.maxWaitingEvents(),
            settings.writeCacheBytes(),
            writes,
            Stages.ofWrites(metrics));
    var forgetting = new Forgetting(keys, changes, forgets);
    var feed =
        new ChangeFeed(
            new FeedReader(follows, keys),
            new FeedBell(settings.dialer("bell"), nodes, keys.buckets()),
            keys.buckets());
    feed.start();
    return new CustomerStore(connections, reader, writer, forgetting, feed, health, watch);
  }

  /**
   * Tells a listener whether Redis is there, at first and with each change. To be called once.
   *
   * @param listener called on a thread of its own
   */
  public void watch(Consumer<Boolean> listener) {
    health.start(
        healthy -> {
          if (healthy) {
            connections.forEach(RedisConnection::resume);
          }
          listener.accept(healthy);
        });
  }

  /**
   * Reads versions, summaries and groups, in the order of the customers.
   *
   * @param groups the names of those wanted
   * @param abandoned whether nobody waits for the answer any more
   * @throws OverloadedException if too many wait
   */
  public CompletableFuture<List<StoredState>> read(
      List<String> customerIds, List<String> groups, BooleanSupplier abandoned) {
    return read(customerIds, StateFields.reading(groups), abandoned);
  }

  /** As the method above, of certain fields. */
  public CompletableFuture<List<StoredState>> read(
      List<String> customerIds, StateFields fields, BooleanSupplier abandoned) {
    return reader.read(customerIds, fields, abandoned);
  }

  /**
   * Folds changes into the states of customers; what they led to is in Redis when the answer comes.
   *
   * @param customers each at most once
   * @param abandoned whether nobody waits for the answer any more
   * @return one a customer, in their order
   * @throws OverloadedException if too many wait
   */
  public CompletableFuture<List<Recorded>> record(
      List<CustomerChanges> customers, BooleanSupplier abandoned) {
    return writer.write(customers, abandoned);
  }

  /**
   * Removes all that is held of a customer.
   *
   * @param nowMs when, in milliseconds since 1970 UTC: what happened until then is late from now on
   * @param abandoned whether nobody waits for the answer any more
   * @throws OverloadedException if too many wait
   */
  public CompletableFuture<Forgotten> forget(
      String customerId, long nowMs, BooleanSupplier abandoned) {
    return forgetting.forget(customerId, nowMs, abandoned);
  }

  /** The changes of all customers, whoever makes them. */
  public ChangeFeed changes() {
    return feed;
  }

  /** Fails what waits, ends the trips in flight and closes all connections. */
  @Override
  public void close() {
    health.close();
    feed.close();
    forgetting.close();
    writer.close();
    reader.close();
    watch.shutdownNow();
  }
}
