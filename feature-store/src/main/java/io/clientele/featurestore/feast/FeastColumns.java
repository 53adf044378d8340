package io.clientele.featurestore.feast;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.clientele.feast.serving.FieldStatus;
import io.clientele.feast.serving.GetOnlineFeaturesResponse.FeatureVector;
import io.clientele.feast.types.Value;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Turns a matrix of rows into the columns of Feast. */
final class FeastColumns {
  private static final Value NO_VALUE = Value.getDefaultInstance();
  private static final Timestamp NO_TIME = Timestamp.getDefaultInstance();
  private static final int MS = 1_000;

  private final GetFeaturesResponse matrix;
  private final int width;
  private final ByteBuffer values;
  private final ByteBuffer ages;
  private final long asOfMs;

  /**
   * @param width how many features
   */
  FeastColumns(GetFeaturesResponse matrix, int width) {
    this.matrix = matrix;
    this.width = width;
    values = matrix.getValues().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    ages = matrix.getAges().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    asOfMs = Timestamps.toMillis(matrix.getAsOf());
  }

  /** The column of the entity itself. */
  static FeatureVector entity(List<Value> ids) {
    var column = FeatureVector.newBuilder().addAllValues(ids);
    for (int row = 0; row < ids.size(); row++) {
      column.addStatuses(FieldStatus.PRESENT).addEventTimestamps(NO_TIME);
    }
    return column.build();
  }

  /** One column, from 0. */
  FeatureVector feature(int column) {
    var vector = FeatureVector.newBuilder();
    for (int row = 0; row < matrix.getCustomersCount(); row++) {
      FieldStatus status = status(row, column);
      boolean hasValue = status == FieldStatus.PRESENT || status == FieldStatus.OUTSIDE_MAX_AGE;
      vector
          .addStatuses(status)
          .addValues(hasValue ? value(row, column) : NO_VALUE)
          .addEventTimestamps(hasValue ? time(row, column) : NO_TIME);
    }
    return vector.build();
  }

  private FieldStatus status(int row, int column) {
    return switch (matrix.getCustomers(row)) {
      case FOUND -> {
        if (!isSet(matrix.getPresence(), row, column)) {
          yield FieldStatus.NULL_VALUE;
        }
        yield isSet(matrix.getStaleness(), row, column)
            ? FieldStatus.OUTSIDE_MAX_AGE
            : FieldStatus.PRESENT;
      }
      case UNKNOWN -> FieldStatus.NOT_FOUND;
      case DAMAGED, CUSTOMER_STATUS_UNSPECIFIED, UNRECOGNIZED -> FieldStatus.INVALID;
    };
  }

  private boolean isSet(ByteString bits, int row, int column) {
    int at = row * ((width + 7) / 8) + (column >> 3);
    return !bits.isEmpty() && (bits.byteAt(at) >> (column & 7) & 1) != 0;
  }

  private Value value(int row, int column) {
    return Value.newBuilder().setFloatVal(values.getFloat(at(row, column))).build();
  }

  private Timestamp time(int row, int column) {
    float ageSeconds = ages.hasRemaining() ? ages.getFloat(at(row, column)) : Float.NaN;
    return Float.isNaN(ageSeconds)
        ? NO_TIME
        : Timestamps.fromMillis(asOfMs - Math.round((double) ageSeconds * MS));
  }

  private int at(int row, int column) {
    return (row * width + column) * Float.BYTES;
  }
}
