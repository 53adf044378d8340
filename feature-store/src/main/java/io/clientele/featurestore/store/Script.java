package io.clientele.featurestore.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import redis.clients.jedis.Protocol.Command;

/** A Lua script that Redis runs in one step. Immutable. */
final class Script {
  private final byte[] text;
  private final byte[] sha1;

  Script(String text) {
    this.text = text.getBytes(US_ASCII);
    try {
      byte[] digest = MessageDigest.getInstance("SHA-1").digest(this.text);
      sha1 = HexFormat.of().formatHex(digest).getBytes(US_ASCII);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  /**
   * Sends it, with all keys of a customer.
   *
   * @param known whether Redis has seen it since it was started; where that turns out wrong, the
   *     reply is NOSCRIPT and nothing was done
   */
  void send(Pipeline pipeline, boolean known, CustomerKey key, byte[]... arguments) {
    byte[][] keys = key.all();
    byte[][] all = new byte[2 + keys.length + arguments.length][];
    all[0] = known ? sha1 : text;
    all[1] = ascii(keys.length);
    System.arraycopy(keys, 0, all, 2, keys.length);
    System.arraycopy(arguments, 0, all, 2 + keys.length, arguments.length);
    pipeline.send(key.bucket(), known ? Command.EVALSHA : Command.EVAL, all);
  }

  static byte[] ascii(long number) {
    return Long.toString(number).getBytes(US_ASCII);
  }
}
