package io.clientele.featurestore.store;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The nodes of a store as they are known to all who talk to them. Thread-safe; a thread that looks
 * for the nodes lets the others wait for what it finds.
 */
final class RedisNodes {
  private static final Logger log = LoggerFactory.getLogger(RedisNodes.class);
  private static final long LEAST_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Topology topology;
  private final AtomicInteger turn = new AtomicInteger();
  private volatile @Nullable Nodes known;
  private @Nullable JedisException failure;
  private long lastSearchNs;

  RedisNodes(Topology topology) {
    this.topology = topology;
  }

  /** What INFO of each node says as {@code redis_mode}. */
  String mode() {
    return topology.mode();
  }

  /**
   * The nodes last found; looks for them where none were yet.
   *
   * @throws JedisException if nobody can tell
   */
  Nodes current() {
    Nodes nodes = known;
    return nodes != null ? nodes : search(null);
  }

  /** The nodes last found; null where none were yet. */
  @Nullable Nodes known() {
    return known;
  }

  /**
   * One of the masters, another one each time: for what any of them can do.
   *
   * @throws JedisException if nobody can tell
   */
  HostAndPort any() {
    Nodes nodes = current();
    if (nodes.size() == 0) {
      throw new JedisConnectionException("no master has any slot yet");
    }
    return nodes.master(Math.floorMod(turn.getAndIncrement(), nodes.size()));
  }

  /**
   * Looks for the nodes anew, but not again at once: a search in the last tenth of a second counts.
   *
   * @param doubted what turned out to be wrong
   * @return what is known then; the doubted where nobody can tell
   */
  Nodes refresh(Nodes doubted) {
    try {
      return search(doubted);
    } catch (JedisException e) {
      log.debug("nodes of Redis", e);
      return doubted;
    }
  }

  private synchronized Nodes search(@Nullable Nodes doubted) {
    Nodes nodes = known;
    if (nodes != null && nodes != doubted) {
      return nodes;
    }
    JedisException earlier = failure;
    if (lastSearchNs != 0 && System.nanoTime() - lastSearchNs < LEAST_INTERVAL_NS) {
      if (nodes != null) {
        return nodes;
      }
      if (earlier != null) {
        throw earlier;
      }
    }
    try {
      Nodes found = topology.find();
      failure = null;
      if (nodes != null && nodes.isSame(found)) {
        return nodes;
      }
      if (nodes != null) {
        log.info("masters of Redis: {}, before: {}", found, nodes);
      }
      known = found;
      return found;
    } catch (JedisException e) {
      failure = e;
      throw e;
    } finally {
      lastSearchNs = System.nanoTime();
    }
  }

  /** Takes note of where a slot is now, as a node has said. */
  synchronized void moved(int slot, HostAndPort master) {
    Nodes nodes = known;
    if (nodes != null) {
      known = nodes.with(slot, master);
    }
  }
}
