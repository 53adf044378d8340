package io.clientele.featurestore.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.zip.CRC32C;

/**
 * Spreads customers over buckets: the bucket of a customer is the CRC-32C of the id's UTF-8 modulo
 * the number of buckets.
 */
final class CustomerKeys {
  private final BucketKeys[] buckets;

  CustomerKeys(int buckets) {
    this.buckets = new BucketKeys[buckets];
    for (int bucket = 0; bucket < buckets; bucket++) {
      this.buckets[bucket] = new BucketKeys(bucket);
    }
  }

  int buckets() {
    return buckets.length;
  }

  BucketKeys bucket(int bucket) {
    return buckets[bucket];
  }

  int bucketOf(byte[] customer) {
    var crc = new CRC32C();
    crc.update(customer);
    return (int) (crc.getValue() % buckets.length);
  }

  CustomerKey of(String customerId) {
    byte[] customer = customerId.getBytes(UTF_8);
    return new CustomerKey(customer, buckets[bucketOf(customer)]);
  }
}
