package io.clientele.featurestore.store;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.JedisClusterCRC16;
import redis.clients.jedis.util.SafeEncoder;

/**
 * What a Redis must be to be worked on: new enough, and holding no store or one of the same form.
 *
 * <p>The form stands in the hash {@code clientele:store}, written by the first to come: {@code
 * format}, the version of the layout of keys and fields, and {@code buckets}, how many buckets
 * customers are spread over.
 */
final class StoreFormat {
  private static final byte[] KEY = ascii("clientele:store");

  /** The slot of a cluster that the form is in. */
  static final int SLOT = JedisClusterCRC16.getSlot(KEY);

  private static final Pattern MODE = Pattern.compile("(?:redis|server)_mode:(\\w+)");
  private static final byte[] FORMAT = ascii("format");
  private static final byte[] BUCKETS = ascii("buckets");
  private static final String VERSION = "2";

  private final String buckets;
  private final RedisNodes nodes;
  private volatile boolean known;

  StoreFormat(int buckets, RedisNodes nodes) {
    this.buckets = Integer.toString(buckets);
    this.nodes = nodes;
  }

  /** Whether the form of the store has been found to be the right one. */
  boolean isKnown() {
    return known;
  }

  /**
   * Checks a connection before it is used. The form is asked for on the node that has it.
   *
   * @throws IncompatibleRedisException if the Redis or the store in it must not be used
   * @throws JedisException if Redis does not answer
   */
  void check(Connection connection, HostAndPort address) {
    connection.sendCommand(Command.INFO);
    requireMaster(SafeEncoder.encode((byte[]) connection.getOne()), address);
    if (nodes.current().hasForm(address)) {
      checkForm(connection);
      known = true;
    }
  }

  /**
   * Checks what a node answers to INFO.
   *
   * @throws IncompatibleRedisException if it must not be used
   * @throws JedisException if it is no master
   */
  void requireMaster(String info, HostAndPort address) {
    requireVersion(info);
    requireMode(info, nodes.mode());
    if (isReplica(info)) {
      throw new JedisConnectionException(address + " is a replica (expected: a master)");
    }
  }

  /** Asks for the form of the store. */
  static byte[][] formCommand() {
    return new byte[][] {Command.HMGET.getRaw(), KEY, FORMAT, BUCKETS};
  }

  /**
   * Checks what is answered to {@link #formCommand}.
   *
   * @throws IncompatibleRedisException if the store must not be used, or is none
   */
  void requireForm(@Nullable Object reply) {
    if (!(reply instanceof List<?> form) || form.size() != 2) {
      throw new IncompatibleRedisException("form of the store in Redis: none");
    }
    require("format", VERSION, "", (byte[]) form.get(0));
    require("buckets", buckets, ", of --buckets", (byte[]) form.get(1));
  }

  /** Whether a node that answers INFO so is a replica. */
  static boolean isReplica(String info) {
    return info.contains("\r\nrole:slave\r\n");
  }

  private void checkForm(Connection connection) {
    List<byte[]> form = form(connection);
    if (form.contains(null)) {
      connection.sendCommand(Command.HSETNX, KEY, FORMAT, ascii(VERSION));
      connection.getOne();
      connection.sendCommand(Command.HSETNX, KEY, BUCKETS, ascii(buckets));
      connection.getOne();
      form = form(connection);
    }
    requireForm(form);
  }

  private static List<byte[]> form(Connection connection) {
    connection.sendCommand(Command.HMGET, KEY, FORMAT, BUCKETS);
    return connection.getBinaryMultiBulkReply();
  }

  private static void requireVersion(String info) {
    RedisVersion version =
        RedisVersion.find(info)
            .orElseThrow(
                () -> new IncompatibleRedisException("Redis does not say which version it is"));
    if (!version.isAtLeast(RedisVersion.MINIMUM)) {
      throw new IncompatibleRedisException(
          "Redis version: " + version + " (expected: >= " + RedisVersion.MINIMUM + ")");
    }
  }

  private static void requireMode(String info, String expected) {
    Matcher mode = MODE.matcher(info);
    if (mode.find() && !mode.group(1).equals(expected)) {
      throw new IncompatibleRedisException(
          "Redis mode: " + mode.group(1) + " (expected: " + expected + ", by the URI)");
    }
  }

  private static void require(String what, String expected, String from, byte @Nullable [] found) {
    String value = found == null ? "none" : SafeEncoder.encode(found);
    if (!value.equals(expected)) {
      throw new IncompatibleRedisException(
          what + " of the store in Redis: " + value + " (expected: " + expected + from + ")");
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
