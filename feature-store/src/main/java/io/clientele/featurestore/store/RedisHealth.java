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
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.SafeEncoder;

/**
 * Asks all masters again and again whether they are there, on a thread of its own, and tells a
 * listener when that changes. Each change is logged once. Now and then it looks for the masters
 * anew.
 */
final class RedisHealth implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RedisHealth.class);
  private static final long HEALTHY_PERIOD_MS = 1_000;
  private static final long AWAY_PERIOD_MS = 100;
  private static final int ASKS_PER_REFRESH = 10;

  private final RedisConnection redis;
  private final RedisNodes nodes;
  private final Runnable onReplica;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile @Nullable Thread thread;
  private @Nullable State state;
  private int asks;

  /**
   * @param onReplica run when a node that is used as a master turns out to have become a replica,
   *     which can be read and knows less and less
   */
  RedisHealth(RedisConnection redis, RedisNodes nodes, Runnable onReplica) {
    this.redis = redis;
    this.nodes = nodes;
    this.onReplica = onReplica;
  }

  /**
   * Asks once.
   *
   * @throws IncompatibleRedisException if Redis is there and must not be used
   */
  void requireCompatible() {
    try {
      for (Object reply : redis.readEach(Command.PING)) {
        if (reply instanceof LostReplyException lost) {
          requireCompatible(lost.getCause());
        }
      }
    } catch (UnavailableException e) {
      requireCompatible(e.getCause());
    }
  }

  private static void requireCompatible(@Nullable Throwable failure) {
    if (failure instanceof IncompatibleRedisException incompatible) {
      throw incompatible;
    }
  }

  /**
   * Asks from now on.
   *
   * @param listener called with whether Redis is there, in part at least, on the thread of this
   *     class: at first and whenever more or fewer masters answer than before
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
        State now = ask();
        if (!now.isLike(state)) {
          now.log(state);
          state = now;
          listener.accept(now.answering() > 0);
        }
        pauseMs = now.isWhole() ? HEALTHY_PERIOD_MS : AWAY_PERIOD_MS;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      redis.close();
    }
  }

  private State ask() {
    asks++;
    redis.resume(); // this is what finds out that a pause can end
    try {
      Nodes known = nodes.current();
      if (asks % ASKS_PER_REFRESH == 0) {
        known = nodes.refresh(known);
      }
      State now = State.of(redis.readEach(Command.INFO), known);
      if (now.replica()) {
        onReplica.run();
      }
      return now;
    } catch (UnavailableException | JedisException e) {
      return new State(0, 1, 0, true, false, String.valueOf(e.getMessage()));
    }
  }

  /**
   * What was found out.
   *
   * @param answering how many masters answer
   * @param masters how many there are
   * @param bucketsWithoutMaster how many buckets no master has
   * @param lasting whether all that answer keep an append-only file
   * @param replica whether one that should be a master is none
   * @param problem why some do not answer; empty where all do
   */
  private record State(
      int answering,
      int masters,
      int bucketsWithoutMaster,
      boolean lasting,
      boolean replica,
      String problem) {

    static State of(List<Object> infos, Nodes nodes) {
      int answering = 0;
      boolean lasting = true;
      boolean replica = false;
      String problem = "";
      for (Object info : infos) {
        if (info instanceof byte[] bytes) {
          String text = SafeEncoder.encode(bytes);
          if (StoreFormat.isReplica(text)) {
            replica = true;
            problem = "a master has become a replica";
          } else {
            answering++;
            lasting &= !text.contains("aof_enabled:0");
          }
        } else if (info instanceof JedisDataException refused) {
          problem = String.valueOf(refused.getMessage());
        }
      }
      return new State(
          answering, infos.size(), nodes.bucketsWithoutMaster(), lasting, replica, problem);
    }

    /** Whether nothing has changed that is worth telling. */
    boolean isLike(@Nullable State other) {
      return other != null
          && answering == other.answering
          && masters == other.masters
          && bucketsWithoutMaster == other.bucketsWithoutMaster
          && lasting == other.lasting;
    }

    boolean isWhole() {
      return answering == masters && bucketsWithoutMaster == 0;
    }

    void log(@Nullable State before) {
      if (answering == 0) {
        log.warn("{}", problem);
      } else if (!isWhole()) {
        log.warn(
            "{} of {} masters of Redis answer, {} buckets have none: {}",
            answering,
            masters,
            bucketsWithoutMaster,
            problem);
      } else {
        log.info("redis is there");
      }
      if (!lasting && (before == null || before.lasting)) {
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
