package io.clientele.featurestore.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
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
   * Sends it.
   *
   * @param known whether Redis has seen it since it was started; where that turns out wrong, the
   *     reply is NOSCRIPT and nothing was done
   * @param bucket whose hash tag is in every key
   */
  void send(
      Pipeline pipeline, boolean known, int bucket, List<byte[]> keys, List<byte[]> arguments) {
    byte[][] all = new byte[2 + keys.size() + arguments.size()][];
    int at = 0;
    all[at++] = known ? sha1 : text;
    all[at++] = ascii(keys.size());
    for (byte[] key : keys) {
      all[at++] = key;
    }
    for (byte[] argument : arguments) {
      all[at++] = argument;
    }
    pipeline.send(bucket, known ? Command.EVALSHA : Command.EVAL, all);
  }

  static byte[] ascii(long number) {
    return Long.toString(number).getBytes(US_ASCII);
  }
}
