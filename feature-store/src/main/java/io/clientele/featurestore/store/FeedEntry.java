package io.clientele.featurestore.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;

/**
 * A change of one customer, as the feed of its bucket has it: an entry of a stream, whose id is the
 * number of the change in the bucket. Its fields are {@code c}, the customer, or {@code d}, the
 * digest of one who was forgotten; {@code v}, the version that it led to; {@code k}, the event
 * types and groups that changed. Immutable; the digest is not to be changed.
 */
public final class FeedEntry {
  private static final byte CUSTOMER = 'c';

  private final int bucket;
  private final long number;
  private final byte[] subject;
  private final boolean forgotten;
  private final long version;
  private final List<String> what;

  private FeedEntry(
      int bucket, long number, byte[] subject, boolean forgotten, long version, List<String> what) {
    this.bucket = bucket;
    this.number = number;
    this.subject = subject;
    this.forgotten = forgotten;
    this.version = version;
    this.what = what;
  }

  /**
   * Reads an entry of a reply to XRANGE.
   *
   * @param entry the id and the list of fields and values
   */
  @SuppressWarnings("unchecked") // what Jedis makes of an array of bulk strings
  static FeedEntry of(int bucket, Object entry) {
    var parts = (List<Object>) entry;
    String id = new String((byte[]) parts.get(0), US_ASCII);
    var fields = (List<byte[]>) parts.get(1);
    String what = new String(fields.get(5), US_ASCII);
    return new FeedEntry(
        bucket,
        Long.parseLong(id.substring(0, id.indexOf('-'))),
        fields.get(1),
        fields.get(0)[0] != CUSTOMER,
        Long.parseLong(new String(fields.get(3), US_ASCII)),
        what.isEmpty() ? List.of() : Arrays.asList(what.split(" ")));
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
