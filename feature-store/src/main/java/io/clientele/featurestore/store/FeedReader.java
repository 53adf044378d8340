package io.clientele.featurestore.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.clientele.grpc.UnavailableException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.util.SafeEncoder;

/**
 * Reads the feeds of buckets. What it reads is complete or said not to be: changes are numbered
 * without gaps, but for those that customers leave who were forgotten by an older feature store.
 * Not thread-safe but for {@link #abort}.
 */
final class FeedReader implements AutoCloseable {
  private static final int PAGE = 512;
  private static final byte[] FIRST = {'-'};
  private static final byte[] LAST = {'+'};
  private static final byte[] COUNT = "COUNT".getBytes(US_ASCII);
  private static final Pattern HISTORY = Pattern.compile("master_replid:([0-9a-f]{16})");

  private final RedisConnection redis;
  private final CustomerKeys keys;
  private long seenGeneration;

  FeedReader(RedisConnection redis, CustomerKeys keys) {
    this.redis = redis;
    this.keys = keys;
  }

  /** Whether the connection is another one than at the last {@link #tail}. */
  boolean reconnected() {
    return redis.generation() != seenGeneration;
  }

  /** Where the feeds end, and in which history. Rings the bell, without a bucket. */
  FeedPositions tail() {
    seenGeneration = redis.generation();
    // The history first: numbers of a later one are then taken for a gap, not for its continuation.
    long history = 0;
    for (Object info : redis.readEach(Command.INFO, SafeEncoder.encode("replication"))) {
      history += history(checked(info)); // of all masters: each has its own
    }
    List<Object> replies =
        redis.read(
            pipeline -> {
              for (int bucket = 0; bucket < keys.buckets(); bucket++) {
                pipeline.send(bucket, Command.GET, keys.bucket(bucket).counter());
              }
              pipeline.send(0, Command.PUBLISH, SafeEncoder.encode(FeedBell.CHANNEL), new byte[0]);
            });
    long[] numbers = new long[keys.buckets()];
    for (int bucket = 0; bucket < numbers.length; bucket++) {
      Object number = checked(replies.get(bucket));
      numbers[bucket] = number == null ? 0 : Long.parseLong(SafeEncoder.encode((byte[]) number));
    }
    return new FeedPositions(history, numbers);
  }

  private static long history(@Nullable Object info) {
    Matcher matcher = HISTORY.matcher(info == null ? "" : SafeEncoder.encode((byte[]) info));
    if (!matcher.find()) {
      throw new UnavailableException(
          "redis", new IllegalStateException("no master_replid in INFO replication"));
    }
    return Long.parseUnsignedLong(matcher.group(1), 16);
  }

  /**
   * Reads changes, those of a bucket in their order.
   *
   * @param buckets which to read
   * @param position where each has been read to; moved on, also where not all can be told
   * @param until where each ends; where null, at its end
   * @param changes are added to
   * @return whether these are all; not where some are gone already, or are more than may wait
   */
  boolean read(
      BitSet buckets,
      FeedPositions position,
      @Nullable FeedPositions until,
      List<FeedEntry> changes) {
    BitSet left = buckets;
    boolean complete = true;
    while (!left.isEmpty()) {
      int[] asked = left.stream().toArray();
      List<List<FeedSet>> pages =
          read(
              asked,
              bucket -> id(position.number(bucket) + 1),
              bucket -> until == null ? LAST : id(until.number(bucket)),
              PAGE);
      left = new BitSet();
      var doubtful = new HashMap<Integer, Long>();
      for (int i = 0; i < asked.length; i++) {
        int bucket = asked[i];
        long next = position.number(bucket) + 1;
        List<FeedSet> page = pages.get(i);
        if (page.isEmpty() || page.getFirst().first() > next) {
          doubtful.put(bucket, next);
        }
        for (FeedSet set : page) {
          set.addTo(changes, next);
          position.set(bucket, set.last());
        }
        if (page.size() == PAGE) {
          left.set(bucket);
        }
      }
      complete &= haveBegun(doubtful);
      if (changes.size() > FeedWatch.MAX_WAITING) {
        return false;
      }
    }
    return complete;
  }

  /**
   * Whether nothing is gone of feeds that do not go on with the very next change: that has happened
   * to changes of forgotten customers, and where a feed begins after it, to others.
   *
   * @param nextOf the number of the next change, by bucket
   */
  private boolean haveBegun(Map<Integer, Long> nextOf) {
    if (nextOf.isEmpty()) {
      return true;
    }
    int[] asked = nextOf.keySet().stream().mapToInt(Integer::intValue).toArray();
    List<List<FeedSet>> firsts = read(asked, _ -> FIRST, _ -> LAST, 1);
    for (int i = 0; i < asked.length; i++) {
      Long next = nextOf.get(asked[i]);
      if (next != null && !firsts.get(i).isEmpty() && firsts.get(i).getFirst().first() > next) {
        return false;
      }
    }
    return true;
  }

  /** Reads so many entries at most of each of some buckets. */
  private List<List<FeedSet>> read(
      int[] buckets, IntFunction<byte[]> from, IntFunction<byte[]> to, int most) {
    List<Object> replies =
        redis.read(
            pipeline -> {
              for (int bucket : buckets) {
                pipeline.send(
                    bucket,
                    Command.XRANGE,
                    keys.bucket(bucket).feed(),
                    from.apply(bucket),
                    to.apply(bucket),
                    COUNT,
                    Script.ascii(most));
              }
            });
    List<List<FeedSet>> sets = new ArrayList<>(buckets.length);
    for (int i = 0; i < buckets.length; i++) {
      sets.add(sets(buckets[i], replies.get(i)));
    }
    return sets;
  }

  private static byte[] id(long number) {
    return Long.toString(number).getBytes(US_ASCII);
  }

  @SuppressWarnings("unchecked") // what Jedis makes of an array
  private static List<FeedSet> sets(int bucket, Object reply) {
    var entries = (List<Object>) checked(reply);
    return entries == null
        ? List.of()
        : entries.stream().map(entry -> FeedSet.of(bucket, entry)).toList();
  }

  private static @Nullable Object checked(@Nullable Object reply) {
    if (reply instanceof JedisDataException refused) {
      throw new UnavailableException("redis", refused);
    }
    return reply;
  }

  /** Ends what is being read. */
  void abort() {
    redis.abort();
  }

  @Override
  public void close() {
    redis.close();
  }
}
