package io.clientele.featurestore.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The form of packed state. A customer has two byte arrays, each
 *
 * <pre>
 * byte    format version, 2
 * int32   CRC-32C of what follows
 * …       the content
 * </pre>
 *
 * <p>Numbers are unsigned or zigzag varints unless a width is given; wider ones are little-endian.
 * Times are milliseconds since 1970 UTC, days are UTC days since then, measures are whole numbers
 * of 10^-decimals. A block is its unsigned length, then its content.
 *
 * <p>What is of an event type is in a section:
 *
 * <pre>
 * int32              id of the type's name
 * int64              fingerprint of its definition; 0 in a section that only says that the type
 *                    cannot be told
 * block              the content
 * </pre>
 *
 * A section with a name or a definition that the catalog does not have is kept as it is.
 *
 * <p><b>Summary</b>: all that reads need.
 *
 * <pre>
 * clock              signed: the newest moment that the state was folded at
 * bodies until the end, by time:
 *   from             unsigned: holds from clock + from on; 0 for the first
 *   block            sections, for each event type with events until then:
 *     aggregate      of all events ever: count; per measure: sum signed [, min signed, max - min if count &gt; 1]
 *     last time      signed
 *     last - first   unsigned
 *     compacted      unsigned: 0 if no tile is gone, else 1 + days from the last day whose tile is
 *                    gone to the last event's day
 *     active days    unsigned; then, if more than 1: sum of squared gaps, greatest gap
 *     last values    if count &gt; 1: per measure, signed
 *     labels         per dimension: count, then their last days, newest first, as steps back from
 *                    the last event's day
 *     tiles          count, then newest first: step back in days (the first: from the last event's
 *                    day), aggregate
 * </pre>
 *
 * There is more than one body only while events ahead of the clock are waiting for their time.
 *
 * <p><b>Ledger</b>: what only writers need, and readers of the past. Of an event type that keeps
 * its events, the summary follows from it.
 *
 * <pre>
 * int32              CRC-32C of the summary that it belongs to
 * sections until the end, for each event type:
 *   texts            per dimension: count, then texts
 *   of a type that keeps its events:
 *     base           0 if no event has left the retention; else 1, then what those that have come
 *                    to: per dimension the count of labels and the index of each one's text, then
 *                    as a section of the summary, without tiles
 *     corrections    count, then by id: 128 bits of id, signed time of the correction, 64 bits of
 *                    digest, and 1 and the signed time from then to the event itself if it came,
 *                    else 0
 *     events         count, then by time and id: step forward in time (the first: signed time), 128
 *                    bits of id, measures signed, per dimension: count of labels and their indexes
 *   of a type with recent ids:
 *     compacted days count; if any: last day signed, sum of squared gaps, greatest gap
 *     labels         per dimension: the count of labels in the summary and each one's index
 *     events         count, count of those that are not counted yet, then as above, but all before
 *                    these without measures and labels
 * </pre>
 */
final class Packed {
  static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Where the content begins. */
  static final int HEADER_BYTES = 1 + Integer.BYTES;

  private static final byte VERSION = 2;

  private Packed() {}

  /** What a content is written with, behind room for the header. */
  static PackedWriter open() {
    return new PackedWriter(HEADER_BYTES);
  }

  /** Fills the header of a content in. */
  static byte[] seal(PackedWriter opened) {
    byte[] packed = opened.toByteArray();
    packed[0] = VERSION;
    INT.set(packed, 1, checksum(packed, new CRC32C()));
    return packed;
  }

  /**
   * Checks the header.
   *
   * @throws StateException if the bytes are not what was written
   */
  static void check(byte[] packed, CRC32C crc) {
    if (packed.length < HEADER_BYTES) {
      throw new StateException("state is damaged: only " + packed.length + " bytes");
    }
    if (packed[0] != VERSION) {
      throw new StateException("state of format " + packed[0] + " (expected: " + VERSION + ")");
    }
    if (checksum(packed) != checksum(packed, crc)) {
      throw new StateException("state is damaged: its checksum does not fit");
    }
  }

  /** The checksum in the header. */
  static int checksum(byte[] packed) {
    return (int) INT.get(packed, 1);
  }

  private static int checksum(byte[] packed, CRC32C crc) {
    crc.reset();
    crc.update(packed, HEADER_BYTES, packed.length - HEADER_BYTES);
    return (int) crc.getValue();
  }
}
