package io.clientele.featurestore.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;

/**
 * A change of one customer, numbered within the feed of the customer's bucket. Immutable; the
 * digest is not to be changed.
 */
public final class FeedEntry {
  private final int bucket;
  private final long number;
  private final byte[] subject;
  private final boolean forgotten;
  private final long version;
  private final List<String> what;

  /**
   * @param subject the id's UTF-8, or the digest of one who was forgotten; not to be changed
   */
  FeedEntry(
      int bucket, long number, byte[] subject, boolean forgotten, long version, List<String> what) {
    this.bucket = bucket;
    this.number = number;
    this.subject = subject;
    this.forgotten = forgotten;
    this.version = version;
    this.what = what;
  }

  int bucket() {
    return bucket;
  }

  /** Counted from 1 within the bucket. */
  long number() {
    return number;
  }

  /** Whether the customer was forgotten. */
  public boolean forgotten() {
    return forgotten;
  }

  /** Who changed; not where the customer was forgotten. */
  public String customerId() {
    return new String(subject, UTF_8);
  }

  /** As {@link CustomerDigest}; only where the customer was forgotten. */
  public byte[] digest() {
    return subject;
  }

  /** The customer's version after it. */
  public long version() {
    return version;
  }

  /** The event types and groups that changed. */
  public List<String> what() {
    return what;
  }
}
