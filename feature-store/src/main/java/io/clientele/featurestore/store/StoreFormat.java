package io.clientele.featurestore.store;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisException;
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
  private static final byte[] FORMAT = ascii("format");
  private static final byte[] BUCKETS = ascii("buckets");
  private static final String VERSION = "1";

  private final String buckets;

  StoreFormat(int buckets) {
    this.buckets = Integer.toString(buckets);
  }

  /**
   * Checks a connection before it is used.
   *
   * @throws IncompatibleRedisException if the Redis or the store in it must not be used
   * @throws JedisException if Redis does not answer
   */
  void check(Connection connection) {
    connection.sendCommand(Command.INFO, "server");
    requireVersion(SafeEncoder.encode((byte[]) connection.getOne()));
    List<byte[]> form = form(connection);
    if (form.contains(null)) {
      connection.sendCommand(Command.HSETNX, KEY, FORMAT, ascii(VERSION));
      connection.getOne();
      connection.sendCommand(Command.HSETNX, KEY, BUCKETS, ascii(buckets));
      connection.getOne();
      form = form(connection);
    }
    require("format", VERSION, form.get(0));
    require("buckets", buckets, form.get(1));
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

  private static void require(String what, String expected, byte @Nullable [] found) {
    String value = found == null ? "none" : SafeEncoder.encode(found);
    if (!value.equals(expected)) {
      throw new IncompatibleRedisException(
          what + " of the store in Redis: " + value + " (expected: " + expected + ")");
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
