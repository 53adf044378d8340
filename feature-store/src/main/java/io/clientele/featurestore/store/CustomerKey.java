package io.clientele.featurestore.store;

/**
 * Where a customer's state is. Its array is not to be changed.
 *
 * @see CustomerKeys
 */
final class CustomerKey {
  private final int bucket;
  private final byte[] bytes;

  CustomerKey(int bucket, byte[] bytes) {
    this.bucket = bucket;
    this.bytes = bytes;
  }

  /** The bucket that the customer is in. */
  int bucket() {
    return bucket;
  }

  /** The key in Redis. */
  byte[] bytes() {
    return bytes;
  }
}
