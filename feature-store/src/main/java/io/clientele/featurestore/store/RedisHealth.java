package io.clientele.featurestore.store;

import io.clientele.grpc.UnavailableException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.util.SafeEncoder;

/**
 * Asks Redis again and again whether it is there, on a thread of its own, and tells a listener when
 * that changes. Each change is logged once.
 */
final class RedisHealth implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RedisHealth.class);
  private static final long HEALTHY_PERIOD_MS = 1_000;
  private static final long AWAY_PERIOD_MS = 100;
  private static final int ANY_BUCKET = 0;

  private final RedisConnection redis;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile @Nullable Thread thread;
  private @Nullable Boolean healthy;

  RedisHealth(RedisConnection redis) {
    this.redis = redis;
  }

  /**
   * Asks once.
   *
   * @throws IncompatibleRedisException if Redis is there and must not be used
   */
  void requireCompatible() {
    try {
      redis.read(pipeline -> pipeline.send(ANY_BUCKET, Command.PING));
    } catch (UnavailableException e) {
      if (e.getCause() instanceof IncompatibleRedisException incompatible) {
        throw incompatible;
      }
    }
  }

  /**
   * Asks from now on.
   *
   * @param listener called with whether Redis is there, at first and with each change, on the
   *     thread of this class
   */
  void start(Consumer<Boolean> listener) {
    Thread started =
        Thread.ofPlatform().name("redis-health").daemon().unstarted(() -> run(listener));
    thread = started;
    started.start();
  }

  private void run(Consumer<Boolean> listener) {
    try {
      long pauseMs = 0;
      while (!closed.await(pauseMs, TimeUnit.MILLISECONDS)) {
        ask(listener);
        pauseMs = Boolean.TRUE.equals(healthy) ? HEALTHY_PERIOD_MS : AWAY_PERIOD_MS;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      redis.close();
    }
  }

  private void ask(Consumer<Boolean> listener) {
    UnavailableException failure = null;
    String persistence = "";
    try {
      List<Object> replies =
          redis.read(
              pipeline -> {
                pipeline.send(ANY_BUCKET, Command.PING);
                pipeline.send(ANY_BUCKET, Command.INFO, SafeEncoder.encode("persistence"));
              });
      if (replies.get(0) instanceof JedisDataException refused) {
        failure = new UnavailableException("redis", refused);
      } else if (replies.get(1) instanceof byte[] info) {
        persistence = SafeEncoder.encode(info);
      }
    } catch (UnavailableException e) {
      failure = e;
    }
    boolean now = failure == null;
    if (healthy == null || healthy != now) {
      healthy = now;
      report(failure, persistence);
      listener.accept(now);
    }
  }

  private static void report(@Nullable UnavailableException failure, String persistence) {
    if (failure != null) {
      log.warn("{}", failure.getMessage());
    } else {
      log.info("redis is there");
      if (persistence.contains("aof_enabled:0")) {
        log.warn(
            "Redis keeps no append-only file: acknowledged events are lost when it ends"
                + " (expected: appendonly yes)");
      }
    }
  }

  @Override
  public void close() {
    closed.countDown();
    redis.abort();
    Thread started = thread;
    if (started == null) {
      redis.close();
      return;
    }
    try {
      started.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
