package io.clientele.featurestore.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One watcher of the feed: changes wait here, up to a limit, until the watcher takes them. Where
 * more come, all of them go and the watcher is told of a gap. Thread-safe.
 */
public final class FeedWatch implements AutoCloseable {
  /** Changes that may wait. */
  static final int MAX_WAITING = 65_536;

  /**
   * What a watcher is told at a time.
   *
   * @param changes in the order of their buckets' feeds; none where there is only to tell that the
   *     feed is live
   * @param token where to resume after them
   * @param gap whether changes before these may have been missed
   */
  public record Batch(List<FeedEntry> changes, ByteString token, boolean gap) {}

  /** Hears of a watch, on a thread that it must not block. */
  public interface Listener {
    /** There is something to take. */
    void ready();

    /** There will be nothing more. */
    void ended(Throwable cause);
  }

  private final ChangeFeed feed;
  private final Listener listener;
  private final @Nullable FeedPositions from;

  @GuardedBy("this")
  private final ArrayDeque<FeedEntry> waiting = new ArrayDeque<>();

  /** After what was taken last; null before the watch is live. */
  @GuardedBy("this")
  private @Nullable FeedPositions taken;

  @GuardedBy("this")
  private boolean gap;

  @GuardedBy("this")
  private boolean beat;

  /**
   * @param from where to begin; now where null
   */
  FeedWatch(ChangeFeed feed, Listener listener, @Nullable FeedPositions from) {
    this.feed = feed;
    this.listener = listener;
    this.from = from;
  }

  @Nullable FeedPositions from() {
    return from;
  }

  /**
   * Begins.
   *
   * @param positions those of the watcher
   * @param missed whether changes after them cannot be told
   */
  void begin(FeedPositions positions, boolean missed) {
    synchronized (this) {
      taken = positions.copy();
      gap = missed;
      beat = true;
    }
    listener.ready();
  }

  /**
   * Adds changes.
   *
   * @param after the positions behind them
   */
  void offer(List<FeedEntry> changes, FeedPositions after) {
    synchronized (this) {
      if (waiting.size() + changes.size() > MAX_WAITING) {
        skipTo(after);
      } else {
        waiting.addAll(changes);
      }
    }
    listener.ready();
  }

  /** Tells of a gap, behind which the positions are these. */
  void miss(FeedPositions after) {
    synchronized (this) {
      skipTo(after);
    }
    listener.ready();
  }

  @GuardedBy("this")
  private void skipTo(FeedPositions after) {
    waiting.clear();
    taken = after.copy();
    gap = true;
  }

  /** Tells that the feed is live. */
  void beat() {
    synchronized (this) {
      beat = true;
    }
    listener.ready();
  }

  void end(Throwable cause) {
    listener.ended(cause);
  }

  /**
   * Takes what waits.
   *
   * @param max changes at a time
   * @return null where there is nothing to tell
   */
  public synchronized @Nullable Batch take(int max) {
    FeedPositions positions = taken;
    if (positions == null || (waiting.isEmpty() && !gap && !beat)) {
      return null;
    }
    var changes = new ArrayList<FeedEntry>(Math.min(max, waiting.size()));
    while (changes.size() < max && !waiting.isEmpty()) {
      FeedEntry entry = waiting.remove();
      positions.set(entry.bucket(), entry.number());
      changes.add(entry);
    }
    var batch = new Batch(changes, positions.token(), gap);
    gap = false;
    beat = false;
    return batch;
  }

  /** Ends the watch; the listener hears no more of it. */
  @Override
  public void close() {
    feed.remove(this);
  }
}
