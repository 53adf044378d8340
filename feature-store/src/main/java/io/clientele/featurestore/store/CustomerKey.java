package io.clientele.featurestore.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.HexFormat;

/**
 * Where all that concerns one customer is in Redis. All keys have the bucket as their hash tag, so
 * that they live in one slot of a Redis Cluster. Its arrays are not to be changed.
 */
final class CustomerKey {
  private static final byte[] STATE = "c:".getBytes(US_ASCII);
  private static final byte[] TOMBSTONE = "t:".getBytes(US_ASCII);

  private final byte[] customer;
  private final BucketKeys bucket;
  private final byte[] state;

  /**
   * @param customer the id's UTF-8
   */
  CustomerKey(byte[] customer, BucketKeys bucket) {
    this.customer = customer;
    this.bucket = bucket;
    state = bucket.key(STATE, customer);
  }

  /** The id's UTF-8. */
  byte[] customer() {
    return customer;
  }

  int bucket() {
    return bucket.bucket();
  }

  BucketKeys keysOfBucket() {
    return bucket;
  }

  /** {@code {b17}:c:alice}: a hash, whose fields are those of {@link StoredState}. */
  byte[] state() {
    return state;
  }

  /** {@code {b17}:t:} and the digest of the id in hex: a {@link Tombstone}. */
  byte[] tombstone() {
    String digest = HexFormat.of().formatHex(CustomerDigest.of(customer));
    return bucket.key(TOMBSTONE, digest.getBytes(US_ASCII));
  }
}
