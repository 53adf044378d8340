package io.clientele.featurestore.store;

import io.clientele.grpc.UnavailableException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * One lane's connection to Redis. It opens itself when it is first used and again after it was
 * lost, but no sooner than a growing pause after a failure: until then every trip fails at once.
 *
 * <p>One thread makes trips; any thread may abort one or end a pause.
 */
final class RedisConnection implements AutoCloseable {
  private static final long FIRST_PAUSE_NS = 20_000_000;
  private static final long LONGEST_PAUSE_NS = 500_000_000;

  private final RedisSettings settings;
  private final String name;
  private final StoreFormat format;
  private final long tripLimitNs;

  private @Nullable Connection connection;
  private long pauseNs;
  private long pausedSinceNs;

  private volatile @Nullable JedisException lastFailure;
  private volatile @Nullable OneSocket socket;
  private volatile long tripStartNs;
  private volatile boolean inTrip;
  private final AtomicLong generation = new AtomicLong();

  /**
   * @param name the client's name in Redis, such as {@code read-1}
   * @param format is checked on each connection before anything else is sent on it
   */
  RedisConnection(RedisSettings settings, String name, StoreFormat format) {
    this.settings = settings;
    this.name = name;
    this.format = format;
    tripLimitNs = settings.connectTimeout().plus(settings.timeout()).toNanos();
  }

  /**
   * Sends commands as one pipeline and reads their replies. Where the connection turns out to have
   * been lost since the last trip, they are sent again on a new one: for commands that change
   * nothing.
   *
   * @return a reply a command; those that Redis refused are JedisDataExceptions
   * @throws UnavailableException if Redis cannot be reached or does not answer in time
   */
  List<Object> read(Consumer<Pipeline> commands) {
    boolean reused = connection != null;
    try {
      return trip(commands);
    } catch (JedisConnectionException e) {
      if (!reused || isTimeout(e)) {
        throw new UnavailableException("redis", e);
      }
    }
    return write(commands);
  }

  /** As {@link #read}, but what is sent is never sent again. */
  List<Object> write(Consumer<Pipeline> commands) {
    try {
      return trip(commands);
    } catch (JedisConnectionException e) {
      throw new UnavailableException("redis", e);
    }
  }

  private List<Object> trip(Consumer<Pipeline> commands) {
    tripStartNs = System.nanoTime();
    inTrip = true;
    boolean ended = false;
    try {
      var pipeline = new Pipeline(connected());
      commands.accept(pipeline);
      List<Object> replies = pipeline.replies();
      ended = true;
      return replies;
    } finally {
      inTrip = false;
      if (!ended) {
        drop(); // or the next trip would read this one's replies
      }
    }
  }

  private Connection connected() {
    Connection open = connection;
    if (open != null) {
      return open;
    }
    JedisException failure = lastFailure;
    if (failure != null && System.nanoTime() - pausedSinceNs < pauseNs) {
      throw new UnavailableException("redis", failure);
    }
    try {
      open = open();
    } catch (JedisException e) {
      pauseNs = failure == null ? FIRST_PAUSE_NS : Math.min(2 * pauseNs, LONGEST_PAUSE_NS);
      pausedSinceNs = System.nanoTime();
      lastFailure = e;
      throw e instanceof JedisConnectionException ? e : new UnavailableException("redis", e);
    }
    lastFailure = null;
    connection = open;
    generation.incrementAndGet();
    return open;
  }

  private Connection open() {
    var config = settings.client(name);
    var fresh = new OneSocket(settings.address(), config);
    socket = fresh;
    Connection open = new Connection(fresh, config);
    try {
      format.check(open);
      return open;
    } catch (RuntimeException e) {
      fresh.abort();
      throw e;
    }
  }

  private static boolean isTimeout(JedisConnectionException e) {
    return e.getCause() instanceof SocketTimeoutException;
  }

  /** Grows with each connection that is opened. */
  long generation() {
    return generation.get();
  }

  /** Ends the pause after a failure: Redis is there again. */
  void resume() {
    lastFailure = null;
  }

  /**
   * Ends a trip that takes longer than it may, for what no socket timeout ends: a blocked write.
   */
  void abortOverdue() {
    if (inTrip && System.nanoTime() - tripStartNs > tripLimitNs) {
      abort();
    }
  }

  /** Ends the trip in flight, if any. */
  void abort() {
    OneSocket current = socket;
    if (current != null) {
      current.abort();
    }
  }

  private void drop() {
    abort();
    connection = null;
  }

  /** By the thread that makes the trips. */
  @Override
  public void close() {
    drop();
  }
}
