package io.clientele.featurestore.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/** Grows a byte array of little-endian words and variable-length numbers. */
final class PackedWriter {
  private byte[] bytes = new byte[512];
  private int size;

  /**
   * @param headerBytes how many zeros to begin with
   */
  PackedWriter(int headerBytes) {
    size = headerBytes;
  }

  PackedWriter() {
    this(0);
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }

  void int32(int value) {
    reserve(Integer.BYTES);
    Packed.INT.set(bytes, size, value);
    size += Integer.BYTES;
  }

  void int64(long value) {
    reserve(Long.BYTES);
    Packed.LONG.set(bytes, size, value);
    size += Long.BYTES;
  }

  /** Seven bits a byte, lowest first; 1 byte below 128. Takes any long as unsigned. */
  void unsigned(long value) {
    reserve(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  /** Zigzag: short for numbers near zero of either sign. */
  void signed(long value) {
    unsigned((value << 1) ^ (value >> 63));
  }

  void text(String value) {
    byte[] utf8 = value.getBytes(UTF_8);
    unsigned(utf8.length);
    bytes(utf8, utf8.length);
  }

  /**
   * Begins a block: its length, then what is written until {@link #end}, which takes the result.
   */
  int begin() {
    reserve(1);
    return size++;
  }

  /** Ends the block that was begun last. */
  void end(int begun) {
    int start = begun + 1;
    int length = size - start;
    int more = lengthBytes(length) - 1;
    if (more > 0) {
      reserve(more);
      System.arraycopy(bytes, start, bytes, start + more, length);
    }
    size = begun;
    unsigned(length);
    size += length;
  }

  /** A whole block. */
  void block(byte[] content) {
    unsigned(content.length);
    bytes(content, content.length);
  }

  private void bytes(byte[] value, int length) {
    reserve(length);
    System.arraycopy(value, 0, bytes, size, length);
    size += length;
  }

  private static int lengthBytes(int length) {
    return length < 0x80 ? 1 : (38 - Integer.numberOfLeadingZeros(length)) / 7;
  }

  private void reserve(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
