package io.clientele.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import java.util.List;

/**
 * The features of R customers in C columns, as bytes that go on to the scorer untouched.
 *
 * @param asOf the moment at which the features hold
 * @param values R × C float32, little-endian, row by row
 * @param presence R rows of ceil(C / 8) bytes, a bit a column
 * @param known R of them: whether the store has state for the customer
 * @param versions R of them: the feature version; 0 where the customer is not known
 */
record FeatureMatrix(
    Timestamp asOf,
    ByteString values,
    ByteString presence,
    List<Boolean> known,
    List<Long> versions) {

  int rows() {
    return known.size();
  }

  boolean knowsAny() {
    return known.contains(true);
  }
}
