package io.clientele.bench.memory;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/** What a Redis says of itself and of what it holds. Not thread-safe. */
public final class RedisInfo implements AutoCloseable {
  private static final int SCAN_COUNT = 1_000;
  private static final int TIMEOUT_MS = 60_000;
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final Jedis redis;

  public RedisInfo(URI uri) {
    redis = new Jedis(uri, TIMEOUT_MS); // emptying a million keys takes a while
  }

  Jedis redis() {
    return redis;
  }

  String field(String section, String name) {
    String wanted = name + ":";
    return redis
        .info(section)
        .lines()
        .filter(line -> line.startsWith(wanted))
        .findFirst()
        .map(line -> line.substring(wanted.length()).strip())
        .orElseThrow(() -> new IllegalStateException("INFO " + section + " has no " + name));
  }

  /** Its version and allocator. */
  public String description() {
    return "Redis %s, %s"
        .formatted(field("server", "redis_version"), field("memory", "mem_allocator"));
  }

  /** What all data takes, with the overhead of keys and allocator. */
  public long usedBytes() {
    return Long.parseLong(field("memory", "used_memory"));
  }

  /** What the streams of changes and their counters take. */
  public long feedBytes() {
    return bytes(keys(PackedLayout.FEED_KEYS, Integer.MAX_VALUE));
  }

  /** Up to so many keys that match. */
  List<byte[]> keys(String pattern, int most) {
    var params = new ScanParams().match(pattern).count(SCAN_COUNT);
    var keys = new ArrayList<byte[]>();
    byte[] cursor = ScanParams.SCAN_POINTER_START_BINARY;
    do {
      ScanResult<byte[]> page = redis.scan(cursor, params);
      keys.addAll(page.getResult());
      cursor = page.getCursorAsBytes();
    } while (keys.size() < most && cursor.length > 0 && !(cursor.length == 1 && cursor[0] == '0'));
    return keys.subList(0, Math.min(most, keys.size()));
  }

  /** What the keys and their values take together. */
  long bytes(List<byte[]> keys) {
    return keys.stream().mapToLong(key -> redis.memoryUsage(key, 0)).sum();
  }

  /** Waits until the append-only file is not being written anew. */
  public void awaitAppendOnlyFile() {
    while (field("persistence", "aof_rewrite_in_progress").equals("1")
        || field("persistence", "aof_rewrite_scheduled").equals("1")) {
      pause(PAUSE);
    }
  }

  static void pause(Duration length) {
    try {
      Thread.sleep(length);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void close() {
    redis.close();
  }
}
