package io.clientele.featurestore.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * One row of features in the form that travels: little-endian float32 values and presence bits, as
 * {@link FeatureReader} describes them. Reused from one customer to the next. Not thread-safe.
 */
final class FeatureRow {
  private static final VarHandle FLOAT =
      MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);

  private final float[] defaults;
  private final byte[] values;
  private final byte[] presence;

  FeatureRow(FeatureSelection selection) {
    this.defaults = selection.defaults;
    this.values = new byte[selection.rowBytes()];
    this.presence = new byte[selection.presenceBytes()];
  }

  /** Begins a row, with every column missing and at its default. */
  void begin() {
    Arrays.fill(presence, (byte) 0);
  }

  void set(int column, float value) {
    setFloat(values, 0, column, value);
    setBit(presence, 0, column);
  }

  /** Sets a column to its default. */
  void setMissing(int column) {
    setFloat(values, 0, column, defaults[column]);
  }

  boolean isPresent(int column) {
    return (presence[column >> 3] >> (column & 7) & 1) != 0;
  }

  float value(int column) {
    return (float) FLOAT.get(values, column * Float.BYTES);
  }

  void copyTo(ByteBuffer toValues, int valuesOffset, ByteBuffer toPresence, int presenceOffset) {
    toValues.put(valuesOffset, values);
    toPresence.put(presenceOffset, presence);
  }

  /** Sets a column of a row of floats that begins at an offset. */
  static void setFloat(byte[] row, int offset, int column, float value) {
    FLOAT.set(row, offset + column * Float.BYTES, value);
  }

  /** Sets the bit of a column in a row of bits that begins at an offset. */
  static void setBit(byte[] row, int offset, int column) {
    row[offset + (column >> 3)] |= (byte) (1 << (column & 7));
  }
}
