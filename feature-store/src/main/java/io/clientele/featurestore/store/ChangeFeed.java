package io.clientele.featurestore.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import io.clientele.grpc.InvalidRequestException;
import io.clientele.grpc.OverloadedException;
import io.clientele.grpc.UnavailableException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the feeds of all buckets, for everybody in this process who watches: one thread reads
 * each change once, as soon as its bucket rings, and looks at all buckets every second for what did
 * not ring. Nobody watching, it reads nothing. Thread-safe.
 *
 * <p>While Redis is away no change can be told, so all watches end.
 */
public final class ChangeFeed implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ChangeFeed.class);
  private static final long PERIOD_MS = 1_000;
  private static final long PERIOD_NS = 1_000_000 * PERIOD_MS;
  private static final int MAX_WATCHES = 256;

  private final FeedReader reader;
  private final FeedBell bell;
  private final int buckets;
  private final Thread thread =
      Thread.ofPlatform().name("redis-feed").daemon().unstarted(this::run);

  @GuardedBy("this")
  private final List<FeedWatch> beginning = new ArrayList<>();

  @GuardedBy("this")
  private final List<FeedWatch> live = new ArrayList<>();

  @GuardedBy("this")
  private boolean closed;

  ChangeFeed(FeedReader reader, FeedBell bell, int buckets) {
    this.reader = reader;
    this.bell = bell;
    this.buckets = buckets;
  }

  void start() {
    bell.start();
    thread.start();
  }

  /**
   * Watches.
   *
   * @param token where to begin; now where empty
   * @param listener first hears of a batch that may be empty: from then on the watch is live
   * @throws InvalidRequestException if the token is none
   * @throws OverloadedException if too many watch
   */
  public FeedWatch watch(ByteString token, FeedWatch.Listener listener) {
    FeedPositions from = token.isEmpty() ? null : FeedPositions.ofToken(token, buckets);
    var watch = new FeedWatch(this, listener, from);
    synchronized (this) {
      if (closed) {
        throw new UnavailableException("feature-store", null);
      }
      if (beginning.size() + live.size() >= MAX_WATCHES) {
        throw new OverloadedException("watchers of changes", MAX_WATCHES);
      }
      beginning.add(watch);
    }
    bell.wake();
    return watch;
  }

  synchronized void remove(FeedWatch watch) {
    beginning.remove(watch);
    live.remove(watch);
  }

  private void run() {
    try {
      while (!isClosed()) {
        try {
          follow();
        } catch (UnavailableException e) {
          endAll(e);
          bell.await(PERIOD_MS / 10);
        } catch (RuntimeException e) {
          log.error("the feed of changes cannot be read", e);
          endAll(new UnavailableException("redis", e));
          bell.await(PERIOD_MS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      reader.close();
      endAll(new UnavailableException("feature-store", null));
    }
  }

  /** Follows one history of Redis, to its end or the end of all watches. */
  private void follow() throws InterruptedException {
    while (!isWatched()) {
      if (isClosed()) {
        return;
      }
      bell.await(PERIOD_MS);
    }
    FeedPositions tail = reader.tail();
    long lookedNs = System.nanoTime();
    while (isWatched() && !isClosed()) {
      for (FeedWatch watch : beginning()) {
        begin(watch, tail);
      }
      BitSet rung = reader.reconnected() ? new BitSet() : bell.await(PERIOD_MS);
      if (reader.reconnected() || System.nanoTime() - lookedNs >= PERIOD_NS) {
        tail = look(tail);
        lookedNs = System.nanoTime();
      } else {
        deliver(rung, tail);
      }
    }
  }

  /** Looks at all buckets; returns the positions to go on from. */
  private FeedPositions look(FeedPositions tail) {
    FeedPositions now = reader.tail();
    bell.requireHeard(3 * PERIOD_MS);
    FeedPositions next = tail;
    if (now.continues(tail)) {
      deliver(now.differing(tail), tail);
      tail.advanceTo(now); // past what is not there any more
    } else {
      log.warn("Redis has another history than before: changes may have been missed");
      next = now;
      for (FeedWatch watch : live()) {
        watch.miss(now);
      }
    }
    live().forEach(FeedWatch::beat);
    return next;
  }

  private void begin(FeedWatch watch, FeedPositions tail) {
    FeedPositions from = watch.from();
    if (from == null) {
      watch.begin(tail, false);
    } else if (!tail.continues(from)) {
      watch.begin(tail, true);
    } else {
      FeedPositions position = from.copy();
      List<FeedEntry> missed = new ArrayList<>();
      boolean gap = !reader.read(tail.differing(from), position, tail, missed);
      watch.begin(gap ? tail : from, gap);
      if (!gap) {
        watch.offer(missed, tail);
      }
    }
    synchronized (this) {
      if (beginning.remove(watch)) {
        live.add(watch);
      }
    }
  }

  /** Reads what is new in some buckets, and tells everybody. */
  private void deliver(BitSet rung, FeedPositions tail) {
    if (rung.isEmpty()) {
      return;
    }
    List<FeedEntry> changes = new ArrayList<>();
    boolean complete = reader.read(rung, tail, null, changes);
    for (FeedWatch watch : live()) {
      if (complete) {
        watch.offer(changes, tail);
      } else {
        watch.miss(tail);
      }
    }
  }

  private synchronized boolean isWatched() {
    return !beginning.isEmpty() || !live.isEmpty();
  }

  private synchronized List<FeedWatch> beginning() {
    return List.copyOf(beginning);
  }

  private synchronized List<FeedWatch> live() {
    return List.copyOf(live);
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  private void endAll(Throwable cause) {
    List<FeedWatch> all = new ArrayList<>();
    synchronized (this) {
      all.addAll(beginning);
      all.addAll(live);
      beginning.clear();
      live.clear();
    }
    all.forEach(watch -> watch.end(cause));
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    bell.wake();
    try {
      thread.join();
    } catch (InterruptedException e) {
      reader.abort();
      Thread.currentThread().interrupt();
    }
    bell.close();
  }
}
