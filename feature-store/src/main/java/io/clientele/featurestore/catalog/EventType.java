package io.clientele.featurestore.catalog;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** A kind of thing that customers do, such as {@code order}. */
public record EventType(
    String name, Duplicates duplicates, List<Measure> measures, List<Dimension> dimensions) {
  public EventType {
    measures = List.copyOf(measures);
    dimensions = List.copyOf(dimensions);
  }

  /** The measure of that name. */
  public Optional<Measure> measure(String measure) {
    return measures.stream().filter(m -> m.name().equals(measure)).findFirst();
  }

  /** The dimension of that name. */
  public Optional<Dimension> dimension(String dimension) {
    return dimensions.stream().filter(d -> d.name().equals(dimension)).findFirst();
  }

  /**
   * Everything that the form of a customer's stored state depends on, in one line. Two types with
   * the same text can read each other's state.
   */
  public String canonical() {
    return name
        + " duplicates="
        + duplicates.canonical()
        + " measures="
        + measures.stream().map(Measure::canonical).collect(Collectors.joining(","))
        + " dimensions="
        + dimensions.stream().map(Dimension::canonical).collect(Collectors.joining(","));
  }
}
