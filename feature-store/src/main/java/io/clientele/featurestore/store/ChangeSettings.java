package io.clientele.featurestore.store;

import java.time.Duration;

/**
 * What the store keeps of changes, beside the states that they lead to.
 *
 * @param feedEntries how many changes the feed of a bucket keeps, about
 * @param tombstoneLife how long late events cannot bring back a customer who was forgotten
 */
public record ChangeSettings(int feedEntries, Duration tombstoneLife) {
  public static final ChangeSettings DEFAULT = new ChangeSettings(4_096, Duration.ofDays(30));
}
