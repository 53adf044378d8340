package io.clientele.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.clientele.featurestore.v1.CustomerStatus;
import java.util.List;

/**
 * The features of R customers in C columns, as bytes that go on to the scorer untouched.
 *
 * @param asOf the moment at which the features hold
 * @param values R × C float32, little-endian, row by row
 * @param presence R rows of ceil(C / 8) bytes, a bit a column
 * @param staleness as presence; empty where nothing is stale
 * @param columns C
 * @param customers R of them: whether the store has state for the customer, and can read it
 * @param versions R of them: the feature version; 0 where the customer is not known
 */
record FeatureMatrix(
    Timestamp asOf,
    ByteString values,
    ByteString presence,
    ByteString staleness,
    int columns,
    List<CustomerStatus> customers,
    List<Long> versions) {

  int rows() {
    return customers.size();
  }

  /** Whether the store has state of the customer that it can read. */
  boolean knows(int row) {
    return customers.get(row) == CustomerStatus.FOUND;
  }

  boolean knowsAny() {
    return customers.contains(CustomerStatus.FOUND);
  }

  boolean isDamaged(int row) {
    return customers.get(row) == CustomerStatus.DAMAGED;
  }

  /** Whether any feature is stale. */
  boolean hasStale() {
    return !staleness.isEmpty();
  }

  /** Whether a feature is stale. */
  boolean isStale(int row, int column) {
    int rowBytes = (columns + 7) / 8;
    return (staleness.byteAt(row * rowBytes + (column >> 3)) >> (column & 7) & 1) != 0;
  }
}
