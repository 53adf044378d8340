package io.clientele.featurestore.store;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.Protocol.SentinelKeyword;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.SafeEncoder;

/**
 * The master that sentinels name. They are asked in turn, the one that knew last time first;
 * whether the named one is a master is checked when a connection to it is opened.
 */
final class SentinelMaster implements Topology {
  private static final Logger log = LoggerFactory.getLogger(SentinelMaster.class);

  private final List<HostAndPort> sentinels;
  private final Dialer dialer;
  private final byte[] masterName;
  private final int buckets;
  private volatile int first;

  /**
   * @param dialer how sentinels are talked to
   */
  SentinelMaster(List<HostAndPort> sentinels, Dialer dialer, String masterName, int buckets) {
    this.sentinels = List.copyOf(sentinels);
    this.dialer = dialer;
    this.masterName = SafeEncoder.encode(masterName);
    this.buckets = buckets;
  }

  @Override
  public Nodes find() {
    JedisException problem = new JedisConnectionException("no sentinel");
    for (int i = 0; i < sentinels.size(); i++) {
      int number = (first + i) % sentinels.size();
      try {
        HostAndPort master = ask(sentinels.get(number));
        first = number;
        return Nodes.of(master, buckets);
      } catch (JedisConnectionException | JedisDataException e) {
        log.debug("sentinel {}", sentinels.get(number), e);
        problem = e;
      }
    }
    first = (first + 1) % sentinels.size();
    throw problem;
  }

  private HostAndPort ask(HostAndPort sentinel) {
    try (Connection connection = dialer.open(sentinel)) {
      connection.sendCommand(
          Command.SENTINEL, SentinelKeyword.GET_MASTER_ADDR_BY_NAME.getRaw(), masterName);
      List<String> address = connection.getMultiBulkReply();
      if (address == null || address.size() != 2) {
        throw new JedisDataException(
            "sentinel " + sentinel + " knows no master " + SafeEncoder.encode(masterName));
      }
      return new HostAndPort(address.get(0), Integer.parseInt(address.get(1)));
    }
  }

  @Override
  public String mode() {
    return STANDALONE;
  }
}
