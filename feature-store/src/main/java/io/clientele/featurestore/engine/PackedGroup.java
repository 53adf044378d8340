package io.clientele.featurestore.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The form of a group's packed values, of fixed width so that a read picks what it wants. Numbers
 * are little-endian, times are milliseconds since 1970 UTC.
 *
 * <pre>
 * byte    format version, 1
 * int32   CRC-32C of what follows
 * int64   fingerprint of the group's definition
 * int64   event time of the write
 * int64   when it was folded
 * byte    length of the source, then its UTF-8
 * bits    a bit a value, from the lowest of the first byte: set where it was given
 * float32 a value each, in the order of fields; 0 where it was not given
 * </pre>
 */
final class PackedGroup {
  /** Of a source, in UTF-8. */
  static final int MAX_SOURCE_BYTES = 64;

  static final byte VERSION = 1;
  static final int CHECKSUM = 1;
  static final int FINGERPRINT = CHECKSUM + Integer.BYTES;
  static final int TIME = FINGERPRINT + Long.BYTES;
  static final int WRITTEN = TIME + Long.BYTES;
  static final int SOURCE_LENGTH = WRITTEN + Long.BYTES;
  static final int SOURCE = SOURCE_LENGTH + 1;

  private PackedGroup() {}

  static int presenceBytes(int size) {
    return (size + 7) / 8;
  }

  /** Of presence bits and values together. */
  static int valueBytes(int size) {
    return presenceBytes(size) + size * Float.BYTES;
  }

  static byte[] pack(GroupWrite write, long writtenMs) {
    byte[] source = write.source().getBytes(UTF_8);
    byte[] packed = new byte[SOURCE + source.length + write.values().length];
    ByteBuffer out = ByteBuffer.wrap(packed).order(ByteOrder.LITTLE_ENDIAN);
    out.put(0, VERSION);
    out.putLong(FINGERPRINT, write.layout().fingerprint());
    out.putLong(TIME, write.timeMs());
    out.putLong(WRITTEN, writtenMs);
    out.put(SOURCE_LENGTH, (byte) source.length);
    out.put(SOURCE, source);
    out.put(SOURCE + source.length, write.values());
    out.putInt(CHECKSUM, checksum(packed, new CRC32C()));
    return packed;
  }

  static int checksum(byte[] packed, CRC32C crc) {
    crc.reset();
    crc.update(packed, FINGERPRINT, packed.length - FINGERPRINT);
    return (int) crc.getValue();
  }
}
