package io.clientele.featurestore.engine;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * An event's id as the first 128 bits of its SHA-256: as good as the id itself for telling ids
 * apart, at 16 bytes whatever its length. Ordered by these bits.
 */
record EventId(long high, long low) implements Comparable<EventId> {
  static final int BYTES = 16;

  /** To make one anew takes half a kilobyte, for each event. */
  private static final ThreadLocal<MessageDigest> SHA_256 =
      ThreadLocal.withInitial(EventId::sha256);

  static EventId of(byte[] utf8) {
    ByteBuffer digest = ByteBuffer.wrap(SHA_256.get().digest(utf8));
    return new EventId(digest.getLong(), digest.getLong());
  }

  @Override
  public int compareTo(EventId other) {
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
