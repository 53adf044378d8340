package io.clientele.featurestore.store;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.ClusterKeyword;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.SafeEncoder;

/**
 * The masters of a Redis Cluster, by CLUSTER SLOTS of a node that answers. The masters last known
 * are asked before the seeds, another one first each time: a node may be wrong about the others.
 */
final class ClusterMasters implements Topology {
  private static final Logger log = LoggerFactory.getLogger(ClusterMasters.class);

  /** How many nodes are asked at most, so that a search ends though many are away. */
  private static final int ASKED = 5;

  private final List<HostAndPort> seeds;
  private final Dialer dialer;
  private final int buckets;
  private List<HostAndPort> known = List.of();
  private int next;

  ClusterMasters(List<HostAndPort> seeds, Dialer dialer, int buckets) {
    this.seeds = List.copyOf(seeds);
    this.dialer = dialer;
    this.buckets = buckets;
  }

  @Override
  public synchronized Nodes find() {
    Set<HostAndPort> candidates = new LinkedHashSet<>();
    for (int i = 0; i < known.size(); i++) {
      candidates.add(known.get((next + i) % known.size()));
    }
    candidates.addAll(seeds);
    next++;
    JedisException problem = new JedisConnectionException("no node of the cluster");
    for (HostAndPort node : candidates.stream().limit(ASKED).toList()) {
      try {
        Nodes found = Nodes.of(ask(node), buckets);
        known = found.masters();
        return found;
      } catch (JedisConnectionException | JedisDataException e) {
        log.debug("node {}", node, e);
        problem = e;
      }
    }
    throw problem;
  }

  private @Nullable HostAndPort[] ask(HostAndPort node) {
    try (Connection connection = dialer.open(node)) {
      connection.sendCommand(Command.CLUSTER, ClusterKeyword.SLOTS.getRaw());
      return masterOfSlot(connection.getObjectMultiBulkReply(), node);
    } catch (JedisDataException e) {
      if (String.valueOf(e.getMessage()).contains("cluster support disabled")) {
        throw new IncompatibleRedisException(node + ": no cluster (expected: one, by its URI)");
      }
      throw e;
    }
  }

  /**
   * Reads a reply to CLUSTER SLOTS: ranges of slots, each with its first and last, its master and
   * its replicas.
   *
   * @param asked who answered; a node that gives no host of its own means the one that was asked
   */
  static @Nullable HostAndPort[] masterOfSlot(List<Object> ranges, HostAndPort asked) {
    @Nullable HostAndPort[] masters = new HostAndPort[Nodes.SLOTS];
    for (Object range : ranges) {
      List<?> fields = (List<?>) range;
      List<?> master = (List<?>) fields.get(2);
      String host = master.get(0) instanceof byte[] bytes ? SafeEncoder.encode(bytes) : "";
      var address =
          new HostAndPort(
              host.isEmpty() ? asked.getHost() : host, Math.toIntExact(number(master.get(1))));
      int last = Math.toIntExact(number(fields.get(1)));
      for (int slot = Math.toIntExact(number(fields.get(0))); slot <= last; slot++) {
        masters[slot] = address;
      }
    }
    return masters;
  }

  private static long number(Object field) {
    return (Long) field;
  }

  @Override
  public String mode() {
    return "cluster";
  }
}
