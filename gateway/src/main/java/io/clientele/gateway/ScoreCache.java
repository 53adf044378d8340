package io.clientele.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import com.google.protobuf.ByteString;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * The last known scores of customers, bounded in number and age. It holds them longer than they are
 * good for, so that there is something to say while the store or the scorer is away; who asks
 * decides by age, versions and models what an entry is good for. Thread-safe.
 *
 * <p>While the change feed is live, it hears of every change of features. Scores from before that,
 * or from before a gap, may be out of date without its knowing and are good for a shorter time.
 */
final class ScoreCache {
  private static final int STRIPES = 1 << 10;
  private static final int DIGEST_BYTES = 16;
  private static final long LONG_AGO_NS = Long.MAX_VALUE / 2;

  private final Cache<String, Scored> scores;
  private final long retentionNs;
  private final long maxAgeNs;
  private final long maxAgeWithoutFeedNs;
  private final Ticker ticker;

  /** When a customer of the stripe last changed: what was read before may be out of date. */
  private final AtomicLongArray changedNs = new AtomicLongArray(STRIPES);

  private volatile boolean feedLive;
  private volatile long feedSinceNs;

  ScoreCache(CacheSettings settings, Ticker ticker) {
    this.retentionNs = settings.retention().toNanos();
    this.maxAgeNs = settings.maxAge().toNanos();
    this.maxAgeWithoutFeedNs = settings.maxAgeWithoutFeed().toNanos();
    this.ticker = ticker;
    long startNs = ticker.read();
    for (int stripe = 0; stripe < STRIPES; stripe++) {
      changedNs.set(stripe, startNs - LONG_AGO_NS);
    }
    scores =
        Caffeine.newBuilder()
            .maximumSize(settings.size())
            .expireAfterWrite(settings.retention())
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  /**
   * The last known score; null where there is none.
   *
   * @param nowNs by the gateway's ticker
   */
  @Nullable Scored get(String customer, long nowNs) {
    Scored scored = scores.getIfPresent(customer);
    // Hearing of a change renews an entry's life, but not what is in it.
    return scored == null || nowNs - scored.readNs() >= retentionNs ? null : scored;
  }

  /** Up to which age a score is good, for callers who do not say. */
  long maxAgeNs(Scored scored) {
    // since is written before live and read after it, so it is never that of an earlier feed
    return feedLive && scored.readNs() - feedSinceNs >= 0 ? maxAgeNs : maxAgeWithoutFeedNs;
  }

  /** Keeps a score, unless the customer changed or another load began after its own did. */
  void put(String customer, Scored scored) {
    scores
        .asMap()
        .compute(
            customer,
            (id, before) -> {
              // Asked within compute, which a change waits for: it sees the change or is seen by
              // it.
              if (scored.readNs() - changedNs.get(stripe(id)) <= 0) {
                return before;
              }
              return before == null || scored.readNs() - before.readNs() >= 0 ? scored : before;
            });
  }

  /**
   * Hears that a customer's features changed: older scores are good for nothing but a STALE answer
   * from now on, and loads in flight that may have read older features are not kept.
   *
   * @param version of the features from now on
   */
  void changed(String customer, long version) {
    changedNs.set(stripe(customer), ticker.read());
    scores
        .asMap()
        .computeIfPresent(
            customer,
            (id, scored) -> scored.featureVersion() < version ? scored.asOutdated() : scored);
  }

  /** Whether a customer may have changed within this time until now. */
  boolean changedWithin(String customer, long timeNs) {
    return ticker.read() - changedNs.get(stripe(customer)) <= timeNs;
  }

  /**
   * Forgets customers. It looks at every entry.
   *
   * @param digests the first 16 bytes of the SHA-256 of the ids' UTF-8
   */
  void forget(Set<ByteString> digests) {
    outdateLoads();
    MessageDigest sha256 = sha256();
    scores
        .asMap()
        .keySet()
        .removeIf(
            customer ->
                digests.contains(
                    ByteString.copyFrom(sha256.digest(customer.getBytes(UTF_8)), 0, DIGEST_BYTES)));
  }

  /** Forgets all customers: nobody knows which of them have changed or were forgotten. */
  void clear() {
    outdateLoads();
    scores.invalidateAll();
  }

  /** What loads in flight read is not kept. */
  private void outdateLoads() {
    long nowNs = ticker.read();
    for (int stripe = 0; stripe < STRIPES; stripe++) {
      changedNs.set(stripe, nowNs);
    }
  }

  /** Hears that changes are heard of from now on, though some before may have been missed. */
  void feedLive() {
    feedSinceNs = ticker.read();
    feedLive = true;
  }

  /** Hears that changes are not heard of any more. */
  void feedLost() {
    feedLive = false;
  }

  boolean isFeedLive() {
    return feedLive;
  }

  private static int stripe(String customer) {
    int hash = customer.hashCode();
    return (hash ^ hash >>> 16) & (STRIPES - 1);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** About how many entries there are. */
  long size() {
    return scores.estimatedSize();
  }
}
