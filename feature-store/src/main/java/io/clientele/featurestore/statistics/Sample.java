package io.clientele.featurestore.statistics;

import io.clientele.featurestore.engine.FeatureSelection;
import io.clientele.featurestore.v1.CustomerStatus;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * An answer to be counted: the very message that the caller gets, which never changes.
 *
 * @param selection its columns
 */
record Sample(FeatureSelection selection, GetFeaturesResponse answer) {
  /**
   * Adds the rows of known customers.
   *
   * @param features in catalog order
   * @return how many rows
   */
  int addTo(List<FeatureDistribution> features) {
    ByteBuffer values = answer.getValues().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer presence = answer.getPresence().asReadOnlyByteBuffer();
    ByteBuffer staleness = answer.getStaleness().asReadOnlyByteBuffer();
    int rows = 0;
    for (int row = 0; row < answer.getCustomersCount(); row++) {
      if (answer.getCustomers(row) == CustomerStatus.FOUND) {
        addRow(row, values, presence, staleness, features);
        rows++;
      }
    }
    return rows;
  }

  private void addRow(
      int row,
      ByteBuffer values,
      ByteBuffer presence,
      ByteBuffer staleness,
      List<FeatureDistribution> features) {
    int valuesAt = row * selection.rowBytes();
    int bitsAt = row * selection.presenceBytes();
    for (int column = 0; column < selection.size(); column++) {
      FeatureDistribution feature = features.get(selection.catalogIndex(column));
      if (isSet(presence, bitsAt, column)) {
        feature.add(
            values.getFloat(valuesAt + column * Float.BYTES),
            staleness.hasRemaining() && isSet(staleness, bitsAt, column));
      } else {
        feature.addMissing();
      }
    }
  }

  private static boolean isSet(ByteBuffer bits, int at, int column) {
    return (bits.get(at + (column >> 3)) >> (column & 7) & 1) != 0;
  }
}
