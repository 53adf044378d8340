package io.clientele.bench.memory;

import java.nio.ByteBuffer;
import java.util.List;

/** Reads all features of many customers in one call. */
@FunctionalInterface
interface MatrixReader {
  /**
   * @param values takes one row a customer, little-endian float32 in catalog order
   */
  void read(List<String> customerIds, ByteBuffer values);
}
