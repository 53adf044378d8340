package io.clientele.featurestore.store;

import io.clientele.featurestore.engine.PackedState;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The states that a write lane wrote last, so that it need not read them when more comes of their
 * customers. An era is a time in which nobody else seems to have changed a bucket: see {@link
 * BucketCounters}. Not thread-safe.
 *
 * <p>They lie packed in segments, which are few large arrays: as objects, hundreds of thousands
 * that live for seconds would cost the garbage collector more than reading them again. When all
 * segments are full, the one that was begun first is emptied. A set of the index has room for
 * {@link #WAYS} customers; one more takes the place of another.
 *
 * <pre>
 * record · int room, of the record · int bytes of the id · long era, 0 of none · long version
 *        · long forgotten at · int bytes of summary, ledger, tail · id · summary · ledger · tail
 * </pre>
 */
final class WrittenStates {
  private static final int SEGMENT_BYTES = 1 << 18;

  /** Larger ones are not kept. */
  private static final int MAX_RECORD_BYTES = SEGMENT_BYTES / 8;

  private static final int UNIT = 8; // what records begin at a multiple of
  private static final int BYTES_AN_ENTRY =
      128; // of segments; records are larger, so that few sets fill
  private static final int WAYS = 8;

  private static final int ROOM = 0;
  private static final int ID_BYTES = 4;
  private static final int ERA = 8;
  private static final int VERSION = 16;
  private static final int FORGOTTEN = 24;
  private static final int SUMMARY_BYTES = 32;
  private static final int LEDGER_BYTES = 36;
  private static final int TAIL_BYTES = 40;
  private static final int HEADER = 44;

  private static final long NO_ERA = 0;
  private static final int GOLDEN_RATIO = 0x9E3779B9; // spreads hashes over the sets

  private final @Nullable ByteBuffer[] segments;

  /** In sets: 1 + where a record is, in units, over all segments; 0 for none. */
  private final int[] index;

  private int segment = -1;
  private int end = SEGMENT_BYTES;

  /**
   * @param maxBytes of segments, which are made as they are needed; 0 for none. The index takes a
   *     thirty-second part of it in addition, at once
   */
  WrittenStates(long maxBytes) {
    segments = new ByteBuffer[Math.toIntExact((maxBytes + SEGMENT_BYTES - 1) / SEGMENT_BYTES)];
    int entries = segments.length * (SEGMENT_BYTES / BYTES_AN_ENTRY);
    index = new int[Math.max(WAYS, entries)];
  }

  /**
   * Takes the state of a customer out; null where there is none of this era.
   *
   * @param customer the id's UTF-8
   * @param era of the customer's bucket; positive
   */
  @Nullable StoredState take(byte[] customer, long era) {
    int found = find(customer, set(customer));
    if (found < 0) {
      return null;
    }
    ByteBuffer in = segmentOf(index[found]);
    int at = offset(index[found]);
    boolean sameEra = in.getLong(at + ERA) == era;
    in.putLong(at + ERA, NO_ERA);
    return sameEra ? read(in, at) : null;
  }

  private static StoredState read(ByteBuffer in, int at) {
    byte[] summary = new byte[in.getInt(at + SUMMARY_BYTES)];
    byte[] ledger = new byte[in.getInt(at + LEDGER_BYTES)];
    byte[] tail = new byte[in.getInt(at + TAIL_BYTES)];
    int from = at + HEADER + in.getInt(at + ID_BYTES);
    in.get(from, summary);
    in.get(from + summary.length, ledger);
    in.get(from + summary.length + ledger.length, tail);
    return StoredState.of(
        in.getLong(at + VERSION),
        new PackedState(summary, ledger, tail),
        in.getLong(at + FORGOTTEN));
  }

  /** Adds a state of a customer of whom there is none. */
  void put(byte[] customer, long era, StoredState state) {
    int bytes = HEADER + customer.length + state.bytes();
    if (bytes > MAX_RECORD_BYTES || segments.length == 0) {
      return;
    }
    int set = set(customer);
    int slot = find(customer, set);
    if (slot < 0 || room(index[slot]) < bytes) {
      int added = append(roundedUp(bytes + bytes / 4));
      slot = slot < 0 ? free(set, customer) : slot; // after the segment was emptied
      index[slot] = added;
    }
    ByteBuffer out = segmentOf(index[slot]);
    int at = offset(index[slot]);
    out.putInt(at + ID_BYTES, customer.length);
    out.putLong(at + ERA, era);
    out.putLong(at + VERSION, state.version());
    out.putLong(at + FORGOTTEN, state.forgottenMs());
    out.putInt(at + SUMMARY_BYTES, state.summary().length);
    out.putInt(at + LEDGER_BYTES, state.ledger().length);
    out.putInt(at + TAIL_BYTES, state.tail().length);
    int next = at + HEADER;
    for (byte[] part : new byte[][] {customer, state.summary(), state.ledger(), state.tail()}) {
      out.put(next, part);
      next += part.length;
    }
  }

  /** Makes room for a record and says where, as the index has it. */
  private int append(int room) {
    if (end + room > SEGMENT_BYTES) {
      int next = (segment + 1) % segments.length;
      empty(next);
      segment = next;
      end = 0;
    }
    ByteBuffer out = segmentOf(1 + segment * (SEGMENT_BYTES / UNIT));
    out.putInt(end + ROOM, room);
    int place = 1 + segment * (SEGMENT_BYTES / UNIT) + end / UNIT;
    end += room;
    if (end < SEGMENT_BYTES) {
      out.putInt(end + ROOM, 0);
    }
    return place;
  }

  private void empty(int number) {
    ByteBuffer old = segments[number];
    if (old == null) {
      segments[number] = ByteBuffer.allocate(SEGMENT_BYTES);
      return;
    }
    int at = 0;
    while (at < SEGMENT_BYTES && old.getInt(at + ROOM) > 0) {
      byte[] customer = new byte[old.getInt(at + ID_BYTES)];
      old.get(at + HEADER, customer);
      int slot = find(customer, set(customer));
      if (slot >= 0 && index[slot] == 1 + number * (SEGMENT_BYTES / UNIT) + at / UNIT) {
        index[slot] = 0;
      }
      at += old.getInt(at + ROOM);
    }
  }

  private int find(byte[] customer, int set) {
    for (int slot = set; slot < set + WAYS; slot++) {
      if (index[slot] != 0 && isOf(index[slot], customer)) {
        return slot;
      }
    }
    return -1;
  }

  /** A free place of a set, or where there is none, any. */
  private int free(int set, byte[] customer) {
    for (int slot = set; slot < set + WAYS; slot++) {
      if (index[slot] == 0) {
        return slot;
      }
    }
    return set + Math.floorMod(customer.length + end, WAYS);
  }

  private boolean isOf(int place, byte[] customer) {
    ByteBuffer in = segmentOf(place);
    int at = offset(place);
    boolean same = in.getInt(at + ID_BYTES) == customer.length;
    for (int i = 0; i < customer.length && same; i++) {
      same = in.get(at + HEADER + i) == customer[i];
    }
    return same;
  }

  private int room(int place) {
    return segmentOf(place).getInt(offset(place) + ROOM);
  }

  private ByteBuffer segmentOf(int place) {
    ByteBuffer found = segments[(place - 1) / (SEGMENT_BYTES / UNIT)];
    if (found == null) {
      throw new IllegalStateException("no segment at " + place);
    }
    return found;
  }

  private static int offset(int place) {
    return (place - 1) % (SEGMENT_BYTES / UNIT) * UNIT;
  }

  private int set(byte[] customer) {
    long mixed = Integer.toUnsignedLong(Arrays.hashCode(customer) * GOLDEN_RATIO);
    return (int) ((mixed * (index.length / WAYS)) >>> Integer.SIZE) * WAYS;
  }

  private static int roundedUp(int bytes) {
    return (bytes + UNIT - 1) / UNIT * UNIT;
  }
}
