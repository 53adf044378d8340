package io.clientele.featurestore.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.BitSet;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Hears, on a connection and a thread of its own, in which buckets something changed: every write
 * publishes the number of its bucket. What it misses while it is not connected is found by whoever
 * looks at all buckets now and then. Thread-safe.
 */
final class FeedBell implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FeedBell.class);
  static final String CHANNEL = "clientele:changes";
  private static final long PAUSE_MS = 200;

  private final Dialer dialer;
  private final RedisNodes nodes;
  private final int buckets;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread =
      Thread.ofPlatform().name("redis-bell").daemon().unstarted(this::run);

  @GuardedBy("this")
  private final BitSet rung = new BitSet();

  @GuardedBy("this")
  private boolean woken;

  private volatile @Nullable OneSocket socket;
  private boolean told;
  private volatile long heardNs = System.nanoTime();

  /**
   * @param nodes of which any one hears what is published on any other
   * @param buckets how many there are
   */
  FeedBell(Dialer dialer, RedisNodes nodes, int buckets) {
    this.dialer = dialer;
    this.nodes = nodes;
    this.buckets = buckets;
  }

  void start() {
    thread.start();
  }

  private void run() {
    while (!isClosed()) {
      try {
        listen();
      } catch (JedisException e) {
        tell(e);
        pause();
      }
    }
  }

  /** What Redis refuses, such as to subscribe, does not pass by itself; that it is away does. */
  private void tell(JedisException failure) {
    if (failure instanceof JedisDataException && !told) {
      told = true;
      log.warn("changes are heard of late, once a second: {}", failure.getMessage());
    }
  }

  private void listen() {
    OneSocket fresh = dialer.socket(nodes.any());
    socket = fresh;
    try (var connection = dialer.open(fresh)) {
      if (isClosed()) { // while it was being opened, when there was nothing to abort yet
        return;
      }
      connection.setTimeoutInfinite(); // silence is no failure: the probe tells whether it is
      heardNs = System.nanoTime();
      new JedisPubSub() {
        @Override
        public void onMessage(String channel, String bucket) {
          heardNs = System.nanoTime();
          ring(bucket);
        }
      }.proceed(connection, CHANNEL);
    } finally {
      fresh.abort();
    }
  }

  /** Marks a bucket; a probe, which names none, is only heard. */
  private synchronized void ring(String bucket) {
    if (bucket.isEmpty()) {
      return;
    }
    try {
      rung.set(Objects.checkIndex(Integer.parseInt(bucket), buckets));
      notifyAll();
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      // somebody else's: the look at all buckets finds what it was about
    }
  }

  /** Ends a wait. */
  synchronized void wake() {
    woken = true;
    notifyAll();
  }

  /** Waits until something rings, at most so long, and returns the buckets that rang since. */
  synchronized BitSet await(long millis) throws InterruptedException {
    long endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    long leftNs = endNs - System.nanoTime();
    while (rung.isEmpty() && !woken && leftNs > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, leftNs);
      leftNs = endNs - System.nanoTime();
    }
    woken = false;
    BitSet buckets = (BitSet) rung.clone();
    rung.clear();
    return buckets;
  }

  /** Connects anew where nothing was heard for so long, not even a probe. */
  void requireHeard(long millis) {
    if (System.nanoTime() - heardNs > TimeUnit.MILLISECONDS.toNanos(millis)) {
      heardNs = System.nanoTime();
      abort();
    }
  }

  private void abort() {
    OneSocket current = socket;
    if (current != null) {
      current.abort();
    }
  }

  private boolean isClosed() {
    return closing.getCount() == 0;
  }

  private void pause() {
    try {
      var _ = closing.await(PAUSE_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      closing.countDown();
    }
  }

  @Override
  public void close() {
    closing.countDown();
    wake();
    abort();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
