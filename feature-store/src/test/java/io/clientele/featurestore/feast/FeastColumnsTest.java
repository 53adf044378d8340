package io.clientele.featurestore.feast;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.clientele.feast.serving.FieldStatus;
import io.clientele.feast.serving.GetOnlineFeaturesResponse.FeatureVector;
import io.clientele.feast.types.Value;
import io.clientele.featurestore.v1.CustomerStatus;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

final class FeastColumnsTest {
  private static final Timestamp NEVER = Timestamp.getDefaultInstance();
  private static final float NONE = Float.NaN;

  /** Nine columns, so that a row of bits has two bytes; columns 0 and 8 are looked at. */
  private static final int WIDTH = 9;

  @Test
  void tellsPresentMissingStaleUnknownAndDamagedApart() {
    GetFeaturesResponse matrix =
        GetFeaturesResponse.newBuilder()
            .setAsOf(seconds(1_000))
            .addCustomers(CustomerStatus.FOUND)
            .addCustomers(CustomerStatus.FOUND)
            .addCustomers(CustomerStatus.UNKNOWN)
            .addCustomers(CustomerStatus.DAMAGED)
            .setValues(rows(1, 11, 2, 12, 3, 13, 4, 14))
            .setAges(rows(60, 2.5f, 70, 80, NONE, NONE, NONE, NONE))
            .setPresence(bits(0b1, 0b0, 0b1, 0b1, 0b0, 0b0, 0b0, 0b0))
            .setStaleness(bits(0b0, 0b0, 0b0, 0b1, 0b0, 0b0, 0b0, 0b0))
            .build();
    var columns = new FeastColumns(matrix, WIDTH);

    FeatureVector first = columns.feature(0);
    assertThat(first.getStatusesList())
        .containsExactly(
            FieldStatus.PRESENT, FieldStatus.PRESENT, FieldStatus.NOT_FOUND, FieldStatus.INVALID);
    assertThat(first.getValuesList())
        .containsExactly(
            value(1), value(2), Value.getDefaultInstance(), Value.getDefaultInstance());
    assertThat(first.getEventTimestampsList())
        .containsExactly(seconds(940), seconds(930), NEVER, NEVER);

    FeatureVector last = columns.feature(WIDTH - 1);
    assertThat(last.getStatusesList())
        .containsExactly(
            FieldStatus.NULL_VALUE,
            FieldStatus.OUTSIDE_MAX_AGE,
            FieldStatus.NOT_FOUND,
            FieldStatus.INVALID);
    assertThat(last.getValuesList())
        .containsExactly(
            Value.getDefaultInstance(),
            value(12), // as it was written
            Value.getDefaultInstance(),
            Value.getDefaultInstance());
    assertThat(last.getEventTimestampsList()).containsExactly(NEVER, seconds(920), NEVER, NEVER);
  }

  @Test
  void hasNoTimesWithoutAgesAndNothingStaleWithoutStaleness() {
    GetFeaturesResponse matrix =
        GetFeaturesResponse.newBuilder()
            .setAsOf(seconds(1_000))
            .addCustomers(CustomerStatus.FOUND)
            .setValues(rows(1, 11))
            .setPresence(bits(0b1, 0b1))
            .build();

    FeatureVector column = new FeastColumns(matrix, WIDTH).feature(0);

    assertThat(column.getStatusesList()).containsExactly(FieldStatus.PRESENT);
    assertThat(column.getEventTimestampsList()).containsExactly(NEVER);
  }

  /** Pairs of the first and the last column. */
  private static ByteString rows(float... pairs) {
    ByteBuffer bytes =
        ByteBuffer.allocate(pairs.length / 2 * WIDTH * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int row = 0; row < pairs.length / 2; row++) {
      bytes.putFloat(row * WIDTH * Float.BYTES, pairs[2 * row]);
      bytes.putFloat(((row + 1) * WIDTH - 1) * Float.BYTES, pairs[2 * row + 1]);
    }
    return ByteString.copyFrom(bytes.array());
  }

  private static ByteString bits(int... bytes) {
    byte[] packed = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      packed[i] = (byte) bytes[i];
    }
    return ByteString.copyFrom(packed);
  }

  private static Value value(float value) {
    return Value.newBuilder().setFloatVal(value).build();
  }

  private static Timestamp seconds(long seconds) {
    return Timestamp.newBuilder().setSeconds(seconds).build();
  }
}
