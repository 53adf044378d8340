package io.clientele.featurestore.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Changes that were made at once, as the feed of their bucket has them: one entry of a stream,
 * whose id is the number of the last of them. Its fields are {@code s}, without a value, then of
 * each change the customer's id, and as its value the version that it led to and the event types
 * and groups that changed, with spaces between. The id is empty where the customer was forgotten
 * since.
 *
 * <p>An entry of a forgotten customer has one change: {@code d}, the digest of the id; {@code v}
 * and {@code k}, version and what has changed. So had all entries once, with {@code c}, the
 * customer, for {@code d}. Immutable.
 *
 * @param first the number of the first change
 * @param last the number of the last one
 * @param changes but for those of customers who were forgotten since
 */
record FeedSet(long first, long last, List<FeedEntry> changes) {
  private static final byte SET = 's';
  private static final byte CUSTOMER = 'c';
  private static final byte SPACE = ' ';

  /** What stands behind a customer's id. */
  static byte[] change(byte[] version, Collection<String> what) {
    byte[] names = joined(what).getBytes(US_ASCII);
    byte[] change = Arrays.copyOf(version, version.length + 1 + names.length);
    change[version.length] = SPACE;
    System.arraycopy(names, 0, change, version.length + 1, names.length);
    return change;
  }

  private static String joined(Collection<String> what) {
    return what.size() == 1 ? what.iterator().next() : String.join(" ", what);
  }

  /**
   * Reads an entry of a reply to XRANGE.
   *
   * @param entry the id and the list of fields and values
   */
  @SuppressWarnings("unchecked") // what Jedis makes of an array of bulk strings
  static FeedSet of(int bucket, Object entry) {
    var parts = (List<Object>) entry;
    String id = text((byte[]) parts.get(0));
    long last = Long.parseLong(id.substring(0, id.indexOf('-')));
    var fields = (List<byte[]>) parts.get(1);
    byte form = fields.get(0)[0];
    return form == SET
        ? ofSet(bucket, last, fields)
        : new FeedSet(
            last,
            last,
            List.of(
                new FeedEntry(
                    bucket,
                    last,
                    fields.get(1),
                    form != CUSTOMER,
                    Long.parseLong(text(fields.get(3))),
                    names(text(fields.get(5))))));
  }

  private static FeedSet ofSet(int bucket, long last, List<byte[]> fields) {
    int count = fields.size() / 2 - 1;
    var changes = new ArrayList<FeedEntry>(count);
    for (int i = 1; i <= count; i++) {
      byte[] customer = fields.get(2 * i);
      if (customer.length > 0) {
        String change = text(fields.get(2 * i + 1));
        int space = change.indexOf(SPACE);
        changes.add(
            new FeedEntry(
                bucket,
                last - count + i,
                customer,
                false,
                Long.parseLong(change, 0, space, 10),
                names(change.substring(space + 1))));
      }
    }
    return new FeedSet(last - count + 1, last, changes);
  }

  /** Adds the changes from a number on. */
  void addTo(List<FeedEntry> all, long from) {
    for (FeedEntry change : changes) {
      if (change.number() >= from) {
        all.add(change);
      }
    }
  }

  private static List<String> names(String names) {
    if (names.isEmpty()) {
      return List.of();
    }
    return names.indexOf(SPACE) < 0 ? List.of(names) : List.of(names.split(" "));
  }

  private static String text(byte[] ascii) {
    return new String(ascii, US_ASCII);
  }
}
