package io.clientele.featurestore.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Reads the packed values of one group, in place and without allocation. Reused from one customer
 * to the next. Not thread-safe.
 */
final class GroupReader {
  /** What there is to read. */
  enum Content {
    /** Nobody has written the group. */
    NONE,
    VALUES,
    /** Values of a later moment than the one that is read at; what held then is gone. */
    LATER,
    /** Values that were written under another definition of the group. */
    FOREIGN,
    /** Not what was written. */
    DAMAGED
  }

  private static final VarHandle FLOAT =
      MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);
  private static final byte[] NOTHING = {};

  private final GroupLayout layout;
  private final CRC32C crc;
  private byte[] packed = NOTHING;
  private Content content = Content.NONE;
  private int presenceStart;
  private int floatsStart;

  GroupReader(GroupLayout layout, CRC32C crc) {
    this.layout = layout;
    this.crc = crc;
  }

  /**
   * Moves to a customer's values.
   *
   * @param bytes empty where there are none
   * @param latestMs values of a later moment are {@link Content#LATER}
   */
  void open(byte[] bytes, long latestMs) {
    packed = bytes;
    content = contentOf(bytes);
    if (content == Content.VALUES) {
      content = timeMs() > latestMs ? Content.LATER : content;
      presenceStart = PackedGroup.SOURCE + bytes[PackedGroup.SOURCE_LENGTH];
      floatsStart = presenceStart + PackedGroup.presenceBytes(layout.size());
    }
  }

  private Content contentOf(byte[] bytes) {
    if (bytes.length == 0) {
      return Content.NONE;
    }
    if (bytes.length < PackedGroup.SOURCE
        || bytes[0] != PackedGroup.VERSION
        || (int) Packed.INT.get(bytes, PackedGroup.CHECKSUM) != PackedGroup.checksum(bytes, crc)) {
      return Content.DAMAGED;
    }
    if ((long) Packed.LONG.get(bytes, PackedGroup.FINGERPRINT) != layout.fingerprint()) {
      return Content.FOREIGN;
    }
    int end =
        PackedGroup.SOURCE
            + bytes[PackedGroup.SOURCE_LENGTH]
            + PackedGroup.valueBytes(layout.size());
    return end == bytes.length ? Content.VALUES : Content.DAMAGED;
  }

  GroupLayout layout() {
    return layout;
  }

  Content content() {
    return content;
  }

  /** Whether a value was given. */
  boolean has(int place) {
    return content == Content.VALUES
        && (packed[presenceStart + (place >> 3)] >> (place & 7) & 1) != 0;
  }

  /** A value that was given. */
  float value(int place) {
    return (float) FLOAT.get(packed, floatsStart + place * Float.BYTES);
  }

  /** When the values were true. Only where there are values, as all below. */
  long timeMs() {
    return (long) Packed.LONG.get(packed, PackedGroup.TIME);
  }

  /** When they were folded. */
  long writtenMs() {
    return (long) Packed.LONG.get(packed, PackedGroup.WRITTEN);
  }

  String source() {
    return new String(packed, PackedGroup.SOURCE, packed[PackedGroup.SOURCE_LENGTH], UTF_8);
  }

  /** Whether the values are older at a moment than the group's limit of age. */
  boolean isStale(long momentMs) {
    return momentMs - timeMs() > layout.group().maxAgeMs();
  }

  byte[] packed() {
    return packed;
  }

  /** Where presence bits and values begin. */
  int valuesStart() {
    return presenceStart;
  }
}
