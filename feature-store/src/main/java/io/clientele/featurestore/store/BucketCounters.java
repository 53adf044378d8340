package io.clientele.featurestore.store;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.util.SafeEncoder;

/**
 * How many changes buckets had before the states of their customers were read. A bucket that still
 * has as many when they are written has not been changed by anybody meanwhile, which one look tells
 * of all its customers. Not thread-safe.
 *
 * <p>That holds while the connections are the same: another Redis may have come to the same number
 * by other changes. And it holds where nothing was sent again, or a counter could be later than a
 * state.
 */
final class BucketCounters {
  private final RedisConnection redis;
  private final Map<Integer, Long> counters = new HashMap<>();
  private long openings;

  BucketCounters(RedisConnection redis) {
    this.redis = redis;
  }

  /** Reads them: to be handed in before the reads of states. */
  static void sendRead(Pipeline pipeline, BucketKeys[] buckets) {
    for (BucketKeys bucket : buckets) {
      pipeline.send(bucket.bucket(), Command.GET, bucket.counter());
    }
  }

  /**
   * Takes what {@link #sendRead} was answered.
   *
   * @param replies of the whole trip, which was the last one: first those to {@code sendRead}
   */
  void take(BucketKeys[] buckets, List<Object> replies) {
    openings = redis.openings();
    if (redis.sentAgain() || replies.stream().anyMatch(JedisDataException.class::isInstance)) {
      return;
    }
    for (int i = 0; i < buckets.length; i++) {
      byte[] counter = (byte[]) replies.get(i);
      counters.put(
          buckets[i].bucket(), counter == null ? 0 : Long.parseLong(SafeEncoder.encode(counter)));
    }
  }

  /**
   * What the counter of a bucket is if nobody else has changed the bucket, or {@link
   * CompareAndSet#NOT_READ}. To be asked for each call of a trip, in their order, while the trip's
   * commands are handed in.
   *
   * @param changes how many the call will make
   */
  long before(BucketKeys bucket, int changes) {
    Long counter = counters.get(bucket.bucket());
    if (counter == null || redis.sentAgain() || redis.openings() != openings) {
      return CompareAndSet.NOT_READ;
    }
    counters.put(bucket.bucket(), counter + changes);
    return counter;
  }

  /** The next trip does not follow on the reads. */
  void forget() {
    counters.clear();
  }
}
