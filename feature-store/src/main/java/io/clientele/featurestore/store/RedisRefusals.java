package io.clientele.featurestore.store;

import io.clientele.grpc.Metrics;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/**
 * Counts commands that Redis refused for good, by the first word of its reply, and logs one now and
 * then: a Redis that is full, or whose disk is, can be read and looks healthy. Thread-safe.
 */
final class RedisRefusals {
  private static final Logger log = LoggerFactory.getLogger(RedisRefusals.class);
  private static final long LOG_INTERVAL_NS = TimeUnit.SECONDS.toNanos(10);

  /** Only words of Redis's own become labels, so that they stay few. */
  private static final Pattern WORD = Pattern.compile("[A-Z]{2,16}");

  private final Metrics metrics;
  private final AtomicLong nextLogNs = new AtomicLong(System.nanoTime());

  RedisRefusals(Metrics metrics) {
    this.metrics = metrics;
  }

  /** Counts those among replies. */
  void count(List<Object> replies) {
    for (Object reply : replies) {
      if (reply instanceof JedisDataException refused
          && !(reply instanceof LostReplyException)
          && !(reply instanceof JedisNoScriptException)) {
        count(String.valueOf(refused.getMessage()));
      }
    }
  }

  private void count(String message) {
    String first = message.split(" ", 2)[0];
    metrics.refused("redis", WORD.matcher(first).matches() ? first : "other");
    long nowNs = System.nanoTime();
    long next = nextLogNs.get();
    if (nowNs - next >= 0 && nextLogNs.compareAndSet(next, nowNs + LOG_INTERVAL_NS)) {
      log.warn("Redis refuses: {}", message);
    }
  }
}
