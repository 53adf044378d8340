package io.clientele.cli;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One row of an event log, as it stands there: nothing of it is checked yet.
 *
 * @param timeMs event time, milliseconds since the epoch
 * @param measures numbers by the catalog's names; what the row leaves empty is absent
 * @param dimensions labels by the catalog's names; what the row leaves empty is absent
 * @param correction set where the row corrects an event instead of recording one
 */
public record LoggedEvent(
    String customerId,
    String eventId,
    String type,
    long timeMs,
    Map<String, Double> measures,
    Map<String, List<String>> dimensions,
    @Nullable LoggedCorrection correction) {
  /** An event that corrects no other. */
  public LoggedEvent(
      String customerId,
      String eventId,
      String type,
      long timeMs,
      Map<String, Double> measures,
      Map<String, List<String>> dimensions) {
    this(customerId, eventId, type, timeMs, measures, dimensions, null);
  }
}
