package io.clientele.cli;

import io.clientele.featurestore.store.RedisProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Redis on a directory that is started again, on the same port, when it ends before it is closed:
 * killed for want of memory, say. Thread-safe.
 */
final class SupervisedRedis implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SupervisedRedis.class);
  private static final Executor AFTER_A_PAUSE =
      CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS);

  private final Path directory;
  private final URI uri;
  private final int port;
  private RedisProcess redis;
  private boolean closed;

  /**
   * @param port 0 takes a free one
   * @throws IOException if it does not come up
   */
  SupervisedRedis(Path directory, int port) throws IOException {
    this.directory = directory;
    redis = RedisProcess.start(directory, port);
    uri = redis.uri();
    this.port = redis.port();
    watch(redis);
  }

  /** Where to connect to; stays the same. */
  URI uri() {
    return uri;
  }

  private void watch(RedisProcess started) {
    var _ = started.onEnd().thenRunAsync(this::startAgain, AFTER_A_PAUSE);
  }

  private synchronized void startAgain() {
    if (closed) {
      return;
    }
    redis.close();
    try {
      redis = RedisProcess.start(directory, port);
      log.warn("Redis had ended; it is started again");
      watch(redis);
    } catch (IOException e) {
      log.error("Redis has ended and does not start again: {}", e.getMessage());
      AFTER_A_PAUSE.execute(this::startAgain);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    redis.close();
  }
}
