package io.clientele.bench.memory;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.clientele.featurestore.catalog.Feature;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** How keys, fields and values look where each feature is a field of the customer's hash. */
enum FieldForm {
  /**
   * As Feast's Redis online store writes one feature view: the key is the serialized entity key and
   * the project; a field is a hash of four bytes, the value a protobuf of five; one more field has
   * the view's timestamp. Source: Feast's online store format, and {@code redis.py}. (CRC-32C
   * stands in for MurmurHash3; four bytes are four bytes.)
   */
  FEAST {
    private static final String VIEW = "customer";
    private static final String PROJECT = "shop";
    private static final String JOIN_KEY = "customer_id";
    private static final int STRING = 2;
    private static final byte FLOAT_VAL = 6 << 3 | 5;
    private static final byte SECONDS = 1 << 3;

    @Override
    byte[] key(String customerId) {
      byte[] id = customerId.getBytes(UTF_8);
      byte[] joinKey = JOIN_KEY.getBytes(UTF_8);
      byte[] project = PROJECT.getBytes(UTF_8);
      return ByteBuffer.allocate(5 * Integer.BYTES + joinKey.length + id.length + project.length)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putInt(1)
          .putInt(STRING)
          .putInt(joinKey.length)
          .put(joinKey)
          .putInt(STRING)
          .putInt(id.length)
          .put(id)
          .put(project)
          .array();
    }

    @Override
    String keys() {
      return "*" + PROJECT;
    }

    @Override
    byte[] field(Feature feature) {
      var crc = new CRC32C();
      crc.update((VIEW + ":" + feature.name()).getBytes(UTF_8));
      return ByteBuffer.allocate(Integer.BYTES).putInt((int) crc.getValue()).array();
    }

    @Override
    byte[] value(float value) {
      return ByteBuffer.allocate(1 + Float.BYTES)
          .order(ByteOrder.LITTLE_ENDIAN)
          .put(FLOAT_VAL)
          .putFloat(value)
          .array();
    }

    @Override
    byte[] missing() {
      return new byte[0];
    }

    @Override
    float parse(byte[] value) {
      if (value[0] != FLOAT_VAL) {
        throw new IllegalArgumentException("not a float: " + Arrays.toString(value));
      }
      return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getFloat(1);
    }

    @Override
    List<byte[]> extraField() {
      return List.of(("_ts:" + VIEW).getBytes(UTF_8));
    }

    @Override
    byte[] extraValue(long nowMs) {
      var out = ByteBuffer.allocate(11).put(SECONDS);
      long seconds = nowMs / 1_000;
      while (seconds >= 0x80) {
        out.put((byte) (seconds | 0x80));
        seconds >>>= 7;
      }
      out.put((byte) seconds);
      return Arrays.copyOf(out.array(), out.position());
    }
  },

  /** By hand: the feature's name, and the number as decimal text; a missing one has no field. */
  PLAIN {
    private static final String PREFIX = "customer:";

    @Override
    byte[] key(String customerId) {
      return (PREFIX + customerId).getBytes(UTF_8);
    }

    @Override
    String keys() {
      return PREFIX + "*";
    }

    @Override
    byte[] field(Feature feature) {
      return feature.name().getBytes(UTF_8);
    }

    @Override
    byte[] value(float value) {
      String text = Float.toString(value);
      return (text.endsWith(".0") ? text.substring(0, text.length() - 2) : text).getBytes(UTF_8);
    }

    @Override
    byte @Nullable [] missing() {
      return null;
    }

    @Override
    float parse(byte[] value) {
      return Float.parseFloat(new String(value, UTF_8));
    }

    @Override
    List<byte[]> extraField() {
      return List.of();
    }

    @Override
    byte[] extraValue(long nowMs) {
      throw new IllegalStateException("there is none");
    }
  };

  abstract byte[] key(String customerId);

  /** Which keys hold customers, as SCAN matches them. */
  abstract String keys();

  abstract byte[] field(Feature feature);

  abstract byte[] value(float value);

  /** What stands for a missing feature; null where its field is left out. */
  abstract byte @Nullable [] missing();

  /**
   * @param value not that of a missing feature
   */
  abstract float parse(byte[] value);

  /** A field beside the features, if any. */
  abstract List<byte[]> extraField();

  abstract byte[] extraValue(long nowMs);
}
