package io.clientele.featurestore.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The form of packed state. A customer has two byte arrays, or three, each
 *
 * <pre>
 * byte    format version: 2 of the summary, 3 of the others
 * int32   CRC-32C of what follows; in format 3 of the version and what follows
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
 * int64              fingerprint of its definition, of a type with recent ids another one in
 *                    ledgers and tails; 0 in a section that only says that the type cannot be told
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
 * <p><b>Ledger</b>: what only writers need, and readers of the past. What the summary that was
 * written with it tells follows from it.
 *
 * <pre>
 * int32              CRC-32C of the summary that was written with it; its complement where a tail
 *                    was too
 * sections until the end, for each event type:
 *   texts            per dimension: count, then texts
 *   remembered       what events come to that are not kept: those that have left the retention or,
 *                    of a type with recent ids, all up to the clock. 0 if there are none; else 1,
 *                    then per dimension the count of labels and the index of each one's text, of a
 *                    type with recent ids the compacted days, and as a section of the summary
 *     compacted days count; if any: last day signed, sum of squared gaps, greatest gap
 *   of a type that keeps its events:
 *     corrections    count, then by id: 128 bits of id, signed time of the correction, 64 bits of
 *                    digest, and 1 and the signed time from then to the event itself if it came,
 *                    else 0
 *     events         count, then by time and id: step forward in time (the first: signed time), 128
 *                    bits of id, measures signed, per dimension: count of labels and their indexes
 *   of a type with recent ids:
 *     events         count, count of those that are not counted yet, then as above, but all before
 *                    these without measures and labels
 * </pre>
 *
 * Format 2 had no tail, and in the section of a type with recent ids, in the place of what is
 * remembered, the compacted days and the indexes of the labels in the summary. Such ledgers are
 * still read, and such sections also where a ledger has carried them along.
 *
 * <p><b>Tail</b>: the events that were counted since the ledger was written, so that a customer's
 * many events are not all written again with each new one. There is one only where there are any,
 * or where sections of a tail are carried along that the catalog does not have.
 *
 * <pre>
 * int32              CRC-32C of the summary that it belongs to
 * int32              CRC-32C of the ledger that it belongs to
 * sections until the end, for each event type, whether the ledger has one of it or not:
 *   events           in the order in which they came: step in time signed (the first: signed time),
 *                    128 bits of id, measures signed, per dimension: count of labels, then texts
 * </pre>
 */
final class Packed {
  static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Where the content begins. */
  static final int HEADER_BYTES = 1 + Integer.BYTES;

  /** The format of summaries. Ledgers had the same number before there were tails. */
  static final byte SUMMARY_FORMAT = 2;

  /** The format of ledgers and tails. */
  static final byte LEDGER_FORMAT = 3;

  private Packed() {}

  /** What a content is written with, behind room for the header. */
  static PackedWriter open() {
    return new PackedWriter(HEADER_BYTES);
  }

  /** Fills the header of a content in. */
  static byte[] seal(PackedWriter opened, byte version) {
    byte[] packed = opened.toByteArray();
    packed[0] = version;
    INT.set(packed, 1, checksum(packed, new CRC32C()));
    return packed;
  }

  /**
   * Checks the header.
   *
   * @param newest the format that is written now; older ones from 2 on are read too
   * @throws StateException if the bytes are not what was written
   */
  static void check(byte[] packed, byte newest, CRC32C crc) {
    if (packed.length < HEADER_BYTES) {
      throw new StateException("state is damaged: only " + packed.length + " bytes");
    }
    if (packed[0] < SUMMARY_FORMAT || packed[0] > newest) {
      throw new StateException("state of format " + packed[0] + " (expected: " + newest + ")");
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
    if (packed[0] == LEDGER_FORMAT) {
      crc.update(LEDGER_FORMAT); // which else could be damaged into the older one
    }
    crc.update(packed, HEADER_BYTES, packed.length - HEADER_BYTES);
    return (int) crc.getValue();
  }
}
