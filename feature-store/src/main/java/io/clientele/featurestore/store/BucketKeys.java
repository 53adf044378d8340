package io.clientele.featurestore.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** The keys of one bucket, which all begin with its hash tag, such as {@code {b17}:}. */
final class BucketKeys {
  private final int bucket;
  private final byte[] tag;
  private final byte[] feed;
  private final byte[] counter;

  BucketKeys(int bucket) {
    this.bucket = bucket;
    tag = ("{b" + bucket + "}:").getBytes(US_ASCII);
    feed = key(new byte[] {'f'});
    counter = key(new byte[] {'n'});
  }

  int bucket() {
    return bucket;
  }

  /** {@code {b17}:f}: the stream of the bucket's changes. */
  byte[] feed() {
    return feed;
  }

  /** {@code {b17}:n}: how many changes of the bucket there have been. */
  byte[] counter() {
    return counter;
  }

  /** The tag and what follows it. */
  byte[] key(byte[]... parts) {
    int length = tag.length;
    for (byte[] part : parts) {
      length += part.length;
    }
    byte[] key = new byte[length];
    System.arraycopy(tag, 0, key, 0, tag.length);
    int at = tag.length;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, key, at, part.length);
      at += part.length;
    }
    return key;
  }
}
