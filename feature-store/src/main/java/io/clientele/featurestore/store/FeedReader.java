package io.clientele.featurestore.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.clientele.grpc.UnavailableException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.util.SafeEncoder;

/**
 * Reads the feeds of buckets. What it reads is complete or said not to be: changes are numbered
 * without gaps, but for those that a forgotten customer leaves. Not thread-safe but for {@link
 * #abort}.
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
    int[] left = buckets.stream().toArray();
    boolean complete = true;
    while (left.length > 0) {
      int[] asked = left;
      List<Object> replies =
          redis.read(
              pipeline -> {
                for (int bucket : asked) {
                  pipeline.send(
                      bucket,
                      Command.XRANGE,
                      keys.bucket(bucket).feed(),
                      id(position.number(bucket) + 1),
                      until == null ? LAST : id(until.number(bucket)),
                      COUNT,
                      Script.ascii(PAGE));
                  pipeline.send(
                      bucket,
                      Command.XRANGE,
                      keys.bucket(bucket).feed(),
                      FIRST,
                      LAST,
                      COUNT,
                      Script.ascii(1));
                }
              });
      var more = new ArrayList<Integer>();
      for (int i = 0; i < asked.length; i++) {
        int bucket = asked[i];
        List<FeedEntry> page = entries(bucket, replies.get(2 * i));
        List<FeedEntry> first = entries(bucket, replies.get(2 * i + 1));
        complete &= first.isEmpty() || first.getFirst().number() <= position.number(bucket) + 1;
        changes.addAll(page);
        if (!page.isEmpty()) {
          position.set(bucket, page.getLast().number());
        }
        if (page.size() == PAGE) {
          more.add(bucket);
        }
      }
      if (changes.size() > FeedWatch.MAX_WAITING) {
        return false;
      }
      left = more.stream().mapToInt(Integer::intValue).toArray();
    }
    return complete;
  }

  private static byte[] id(long number) {
    return Long.toString(number).getBytes(US_ASCII);
  }

  @SuppressWarnings("unchecked") // what Jedis makes of an array
  private static List<FeedEntry> entries(int bucket, Object reply) {
    var entries = (List<Object>) checked(reply);
    return entries == null
        ? List.of()
        : entries.stream().map(entry -> FeedEntry.of(bucket, entry)).toList();
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
