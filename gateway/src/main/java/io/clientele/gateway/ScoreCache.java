package io.clientele.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * The last known scores of customers, bounded in number and age. It holds them longer than they are
 * fresh, so that there is something to say while the store or the scorer is away; who asks decides
 * by age, versions and models what an entry is good for. Thread-safe.
 */
final class ScoreCache {
  private static final int STRIPES = 1 << 10;

  private final Cache<String, Scored> scores;
  private final Ticker ticker;

  /** When a customer of the stripe was last dropped: what was read before may be out of date. */
  private final AtomicLongArray droppedNs = new AtomicLongArray(STRIPES);

  /**
   * @param size entries kept
   * @param retention how long an entry is kept
   */
  ScoreCache(long size, Duration retention, Ticker ticker) {
    this.ticker = ticker;
    long startNs = ticker.read();
    for (int stripe = 0; stripe < STRIPES; stripe++) {
      droppedNs.set(stripe, startNs - 1);
    }
    scores =
        Caffeine.newBuilder()
            .maximumSize(size)
            .expireAfterWrite(retention)
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  @Nullable Scored get(String customer) {
    return scores.getIfPresent(customer);
  }

  /** Keeps a score, unless the customer was dropped or another load began after its own did. */
  void put(String customer, Scored scored) {
    scores
        .asMap()
        .compute(
            customer,
            (id, before) -> {
              // Asked within compute, which a drop waits for: it sees the drop or is seen by it.
              if (scored.readNs() - droppedNs.get(stripe(id)) <= 0) {
                return before;
              }
              return before == null || scored.readNs() - before.readNs() >= 0 ? scored : before;
            });
  }

  /** Forgets a customer whose features changed; loads in flight do not bring it back. */
  void drop(String customer) {
    droppedNs.set(stripe(customer), ticker.read());
    scores.invalidate(customer);
  }

  private static int stripe(String customer) {
    int hash = customer.hashCode();
    return (hash ^ hash >>> 16) & (STRIPES - 1);
  }

  /** About how many entries there are. */
  long size() {
    return scores.estimatedSize();
  }
}
