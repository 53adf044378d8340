package io.clientele.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The last known scores of customers, bounded in number and age. It holds them longer than they are
 * fresh, so that there is something to say while the store or the scorer is away; who asks decides
 * by age, versions and models what an entry is good for. Thread-safe.
 */
final class ScoreCache {
  private final Cache<String, Scored> scores;

  /**
   * @param size entries kept
   * @param retention how long an entry is kept
   */
  ScoreCache(long size, Duration retention, Ticker ticker) {
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

  /** Keeps a score, unless there is one whose load began later. */
  void put(String customer, Scored scored) {
    scores
        .asMap()
        .merge(
            customer, scored, (before, now) -> now.readNs() - before.readNs() >= 0 ? now : before);
  }

  /** Forgets a customer whose features changed. */
  void drop(String customer) {
    scores.invalidate(customer);
  }

  /** About how many entries there are. */
  long size() {
    return scores.estimatedSize();
  }
}
