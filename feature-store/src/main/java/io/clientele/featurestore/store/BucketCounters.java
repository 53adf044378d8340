package io.clientele.featurestore.store;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.util.SafeEncoder;

/**
 * How many changes a write lane's buckets had when it last knew. A bucket that still has as many
 * has not been changed by anybody since, which one look tells of all its customers. Not
 * thread-safe.
 *
 * <p>A bucket is the lane's own while nobody else seems to change it: its counter was found as the
 * lane had left it, and has been at each write since. Of such a bucket, states need not be read
 * that the lane has written itself.
 *
 * <p>All of it holds while the connections are the same and the lane goes on writing to the bucket:
 * another Redis, or one that was emptied, may come to the same number by other changes.
 */
final class BucketCounters {
  private static final long MAX_PAUSE_NS = TimeUnit.SECONDS.toNanos(1);

  private static final class Bucket {
    private long counter = CompareAndSet.NOT_READ;
    private boolean own;
    private long era;
    private long usedNs;
  }

  private final RedisConnection redis;

  /** By number; null of one that nothing is known of. */
  private final @Nullable Bucket[] buckets;

  private long eras;
  private long openings;
  private boolean inTrip;
  private boolean reconnected;
  private long startNs;

  BucketCounters(RedisConnection redis, int buckets) {
    this.redis = redis;
    this.buckets = new Bucket[buckets];
  }

  /** Begins a trip. One before that has not ended leaves nothing that holds. */
  void begin() {
    if (inTrip || redis.openings() != openings) {
      forget();
    }
    startNs = System.nanoTime();
    inTrip = true;
    reconnected = false;
  }

  /** Ends a trip that went as it should. */
  void end() {
    inTrip = false;
  }

  /** Lets go of everything. */
  void forget() {
    Arrays.fill(buckets, null);
    openings = redis.openings();
    reconnected = true;
  }

  /** Whether nobody but this lane seems to change a bucket. */
  boolean isOwn(BucketKeys bucket) {
    return of(bucket).own;
  }

  /** A number that changes whenever somebody else may have changed the bucket. */
  long era(BucketKeys bucket) {
    return of(bucket).era;
  }

  /** Reads some: to be handed in before the reads of states. */
  static void sendRead(Pipeline pipeline, BucketKeys[] buckets) {
    for (BucketKeys bucket : buckets) {
      pipeline.send(bucket.bucket(), Command.GET, bucket.counter());
    }
  }

  /**
   * Takes what {@link #sendRead} was answered.
   *
   * @param replies of the whole trip to Redis, which was the last one: first those to {@code
   *     sendRead}
   */
  void take(BucketKeys[] read, List<Object> replies) {
    boolean doubtful =
        redis.sentAgain() || replies.stream().anyMatch(JedisDataException.class::isInstance);
    if (doubtful || redis.openings() != openings) {
      forget();
    }
    if (doubtful) {
      return; // a counter could be later than a state
    }
    for (int i = 0; i < read.length; i++) {
      byte[] reply = (byte[]) replies.get(i);
      long counter = reply == null ? 0 : Long.parseLong(SafeEncoder.encode(reply));
      Bucket bucket = of(read[i]);
      bucket.own = bucket.counter == counter;
      if (!bucket.own) {
        bucket.era = ++eras;
        bucket.counter = counter;
      }
    }
  }

  /**
   * Whether what the lane remembered when the trip began is of this Redis. To be asked while
   * commands are handed in.
   */
  boolean isSameRedis() {
    return !reconnected && redis.openings() == openings && !redis.sentAgain();
  }

  /**
   * What the counter of a bucket is if nobody else has changed the bucket, or {@link
   * CompareAndSet#NOT_READ}. To be asked while commands are handed in.
   */
  long before(BucketKeys bucket) {
    return isSameRedis() ? of(bucket).counter : CompareAndSet.NOT_READ;
  }

  /**
   * Takes what a call of the script was answered.
   *
   * @param after the counter that it left
   * @param changes how many it has made
   */
  void wrote(BucketKeys written, long after, int changes) {
    Bucket bucket = of(written);
    if (after - changes != bucket.counter) {
      bucket.own = false;
      bucket.era = ++eras;
    }
    bucket.counter = after;
  }

  private Bucket of(BucketKeys bucket) {
    Bucket known = buckets[bucket.bucket()];
    if (known == null || startNs - known.usedNs > MAX_PAUSE_NS) {
      known = new Bucket();
      known.era = ++eras;
      buckets[bucket.bucket()] = known;
    }
    known.usedNs = startNs;
    return known;
  }
}
