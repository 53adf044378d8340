package io.clientele.featurestore;

import com.google.protobuf.ByteString;
import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.engine.FeatureSelection;
import io.clientele.featurestore.v1.CustomerStatus;
import io.clientele.grpc.Metrics;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.List;

/** Counts, by feature, the values that were answered as missing. Thread-safe. */
final class MissingCounts {
  /** In catalog order. */
  private final List<CounterDataPoint> points;

  MissingCounts(Catalog catalog, Metrics metrics) {
    Counter counter =
        Counter.builder()
            .name("clientele_feature_missing_total")
            .help("Customers found whose value of a feature was missing, by feature.")
            .labelNames("feature")
            .register(metrics.registry());
    points =
        catalog.features().stream().map(feature -> counter.labelValues(feature.name())).toList();
  }

  /**
   * Counts what is missing in one answer. Most values are there, so that it looks at absent bits
   * only.
   *
   * @param customers the rows, of which those found count
   * @param presence as in the answer
   */
  void count(FeatureSelection selection, List<CustomerStatus> customers, ByteString presence) {
    int[] missing = new int[selection.size()];
    for (int row = 0; row < customers.size(); row++) {
      if (customers.get(row) == CustomerStatus.FOUND) {
        add(presence, row * selection.presenceBytes(), missing);
      }
    }
    for (int column = 0; column < missing.length; column++) {
      if (missing[column] > 0) {
        points.get(selection.catalogIndex(column)).inc(missing[column]);
      }
    }
  }

  private static void add(ByteString presence, int at, int[] missing) {
    for (int first = 0; first < missing.length; first += Byte.SIZE) {
      int padding = Math.max(0, first + Byte.SIZE - missing.length);
      int absent = ~presence.byteAt(at + first / Byte.SIZE) & (0xFF >> padding);
      for (; absent != 0; absent &= absent - 1) {
        missing[first + Integer.numberOfTrailingZeros(absent)]++;
      }
    }
  }
}
