package io.clientele.featurestore.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/**
 * Reads what a {@link PackedWriter} wrote. Reused from one array to the next.
 *
 * <p>Past the end it throws an {@link IndexOutOfBoundsException}, which whoever opened the array
 * turns into a {@link StateException}.
 */
final class PackedReader {
  private byte[] bytes = {};
  private int position;

  void open(byte[] packed, int start) {
    bytes = packed;
    position = start;
  }

  int position() {
    return position;
  }

  void moveTo(int newPosition) {
    position = newPosition;
  }

  boolean hasMore() {
    return position < bytes.length;
  }

  int int32() {
    int value = (int) Packed.INT.get(bytes, position);
    position += Integer.BYTES;
    return value;
  }

  long int64() {
    long value = (long) Packed.LONG.get(bytes, position);
    position += Long.BYTES;
    return value;
  }

  long unsigned() {
    byte first = bytes[position++];
    return first >= 0 ? first : longer(first);
  }

  long signed() {
    long zigzag = unsigned();
    return (zigzag >>> 1) ^ -(zigzag & 1);
  }

  /** A number of things that take at least one byte each. */
  int count() {
    long count = unsigned();
    if (count < 0 || count > bytes.length - position) {
      throw new StateException("state is damaged: " + count + " items in the bytes left");
    }
    return (int) count;
  }

  /** A place in a table of a size. */
  int index(int size) {
    long index = unsigned();
    if (index < 0 || index >= size) {
      throw new StateException("state is damaged: place " + index + " of " + size);
    }
    return (int) index;
  }

  /** The length of a block that follows, as the position of its end. */
  int blockEnd() {
    return count() + position;
  }

  /** Checks that a block has been read to its end. */
  void expectEnd(int end) {
    if (position != end) {
      throw new StateException(
          "state is damaged: a block that ends at " + end + ", not " + position);
    }
  }

  String text() {
    int length = count();
    String text = new String(bytes, position, length, UTF_8);
    position += length;
    return text;
  }

  /** The bytes from here to a position. */
  byte[] bytesTo(int end) {
    byte[] read = Arrays.copyOfRange(bytes, position, end);
    position = end;
    return read;
  }

  private long longer(byte first) {
    long value = first & 0x7f;
    for (int shift = 7; shift < 64; shift += 7) {
      byte next = bytes[position++];
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new StateException("state is damaged: a number without an end");
  }
}
