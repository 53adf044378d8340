package io.clientele.featurestore.store;

import java.util.List;
import java.util.Map;

/**
 * What was removed of a customer who was forgotten.
 *
 * @param version the last one, which changes continue from should the customer come back
 * @param feedEntries changes in the feed that named the customer
 * @param fields of the customer's hash, as {@link StoredState} has them; none where nothing was
 *     held
 */
public record Forgotten(long version, int feedEntries, Map<String, byte[]> fields) {
  private static final String GROUP = "g:";

  public Forgotten {
    fields = Map.copyOf(fields);
  }

  /** Bytes of state. */
  public long bytes() {
    return fields.values().stream().mapToLong(value -> value.length).sum();
  }

  /** The summary; empty where the customer had no events. */
  public byte[] summary() {
    return fields.getOrDefault("s", new byte[0]);
  }

  /** The groups that had values, sorted. */
  public List<String> groups() {
    return fields.keySet().stream()
        .filter(name -> name.startsWith(GROUP))
        .map(name -> name.substring(GROUP.length()))
        .sorted()
        .toList();
  }
}
