package io.clientele.featurestore.store;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import redis.clients.jedis.Protocol.Command;

/**
 * Writes a customer's state unless somebody else has changed it since it was read. It touches one
 * key and answers 1, or the version, summary and ledger that it found instead.
 */
final class CompareAndSet {
  private static final byte[] SCRIPT =
      ascii(
          """
          if (redis.call('HGET', KEYS[1], 'v') or '0') ~= ARGV[1] then
            return redis.call('HMGET', KEYS[1], 'v', 's', 'l')
          end
          redis.call('HSET', KEYS[1], 'v', ARGV[2], 's', ARGV[3], 'l', ARGV[4])
          return 1
          """);
  private static final byte[] SHA_1 = sha1();
  private static final byte[] ONE_KEY = {'1'};

  private CompareAndSet() {}

  private static byte[] sha1() {
    try {
      return ascii(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(SCRIPT)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  /**
   * Sends it.
   *
   * @param scriptKnown whether Redis has seen the script since it was started
   */
  static void send(
      Pipeline pipeline,
      boolean scriptKnown,
      CustomerKey key,
      long readVersion,
      byte[] summary,
      byte[] ledger) {
    pipeline.send(
        key.bucket(),
        scriptKnown ? Command.EVALSHA : Command.EVAL,
        scriptKnown ? SHA_1 : SCRIPT,
        ONE_KEY,
        key.bytes(),
        ascii(Long.toString(readVersion)),
        ascii(Long.toString(readVersion + 1)),
        summary,
        ledger);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
