package io.clientele.featurestore.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The log of one customer, with all corrections in it applied to all of its events: what happened,
 * as far as is known by now.
 *
 * @param events in the order of time and id; one that was corrected is as the correction that holds
 *     says
 * @param corrections those that hold, one an event
 */
public record CorrectedLog(List<Event> events, List<Correction> corrections) {
  private record Subject(String type, EventId id) {}

  public CorrectedLog {
    events = List.copyOf(events);
    corrections = List.copyOf(corrections);
  }

  /**
   * Applies corrections.
   *
   * @param changes in any order
   */
  public static CorrectedLog of(Collection<? extends Change> changes) {
    Map<Subject, Correction> corrections = new HashMap<>();
    List<Event> events = new ArrayList<>();
    for (Change change : changes) {
      if (change instanceof Correction correction) {
        corrections.merge(
            new Subject(correction.what(), correction.id()),
            correction,
            (a, b) -> a.compareTo(b) >= 0 ? a : b);
      }
    }
    for (Change change : changes) {
      if (change instanceof Event event
          && !corrections.containsKey(new Subject(event.what(), event.key().id()))) {
        events.add(event);
      }
    }
    for (Correction correction : corrections.values()) {
      Event amended = correction.amended();
      if (amended != null) {
        events.add(amended);
      }
    }
    events.sort(Comparator.comparing(Event::key));
    return new CorrectedLog(events, List.copyOf(corrections.values()));
  }

  /** The events, of those with the same type and id the first. */
  public List<Event> firstOfEachId() {
    Set<Subject> seen = new HashSet<>();
    return events.stream()
        .filter(event -> seen.add(new Subject(event.what(), event.key().id())))
        .toList();
  }
}
