package io.clientele.featurestore.catalog;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Values that another system computes and writes together, such as a profile.
 *
 * @param name no event type has the same
 * @param maxAgeMs older than this its features are stale; {@link #ANY_AGE} where they never are
 * @param fields in the order of the file
 */
public record FeatureGroup(String name, long maxAgeMs, List<GroupField> fields) {
  public static final long ANY_AGE = Long.MAX_VALUE;

  public FeatureGroup {
    fields = List.copyOf(fields);
  }

  /** The field of that name. */
  public Optional<GroupField> field(String field) {
    return fields.stream().filter(f -> f.name().equals(field)).findFirst();
  }

  /** How many features it has. */
  public int size() {
    return fields.stream().mapToInt(field -> field.type().size()).sum();
  }

  /**
   * Everything that the form of a customer's stored values depends on, in one line. Two groups with
   * the same text can read each other's values.
   */
  public String canonical() {
    return name
        + " fields="
        + fields.stream().map(GroupField::canonical).collect(Collectors.joining(","));
  }
}
