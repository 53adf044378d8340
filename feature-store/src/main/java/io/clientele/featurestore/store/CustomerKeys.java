package io.clientele.featurestore.store;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * Where a customer's state is: the hash {@code {b17}:c:alice} for the customer {@code alice}.
 *
 * <p>The bucket, 17 here, is the CRC-32C of the id's UTF-8 bytes modulo the number of buckets. It
 * stands in braces, so that all keys of a bucket live in one slot of a Redis Cluster.
 */
final class CustomerKeys {
  private static final byte[] INFIX = "}:c:".getBytes(StandardCharsets.US_ASCII);

  private final byte[][] prefixes;

  CustomerKeys(int buckets) {
    prefixes = new byte[buckets][];
    for (int bucket = 0; bucket < buckets; bucket++) {
      prefixes[bucket] = ("{b" + bucket).getBytes(StandardCharsets.US_ASCII);
    }
  }

  int bucket(byte[] customer) {
    var crc = new CRC32C();
    crc.update(customer);
    return (int) (crc.getValue() % prefixes.length);
  }

  CustomerKey key(byte[] customer) {
    int bucket = bucket(customer);
    byte[] prefix = prefixes[bucket];
    byte[] key = new byte[prefix.length + INFIX.length + customer.length];
    System.arraycopy(prefix, 0, key, 0, prefix.length);
    System.arraycopy(INFIX, 0, key, prefix.length, INFIX.length);
    System.arraycopy(customer, 0, key, prefix.length + INFIX.length, customer.length);
    return new CustomerKey(bucket, key);
  }
}
