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
 * @param corrections those that hold, one an event, by when they were made
 */
public record CorrectedLog(List<Event> events, List<Corrected> corrections) {
  /**
   * A correction that holds.
   *
   * @param originalMs the time of the event as the log has it itself, or {@link Corrections#UNSEEN}
   */
  public record Corrected(Correction correction, long originalMs) {}

  private record Subject(String type, EventId id) {
    static Subject of(Event event) {
      return new Subject(event.what(), event.key().id());
    }
  }

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
    for (Change change : changes) {
      if (change instanceof Correction correction) {
        corrections.merge(
            new Subject(correction.what(), correction.id()),
            correction,
            (a, b) -> a.compareTo(b) >= 0 ? a : b);
      }
    }
    List<Event> events = new ArrayList<>();
    Map<Subject, Long> originals = new HashMap<>();
    for (Change change : changes) {
      if (change instanceof Event event) {
        if (corrections.containsKey(Subject.of(event))) {
          originals.merge(Subject.of(event), event.timeMs(), Math::min);
        } else {
          events.add(event);
        }
      }
    }
    List<Corrected> holding = new ArrayList<>();
    corrections.forEach(
        (subject, correction) -> {
          Event amended = correction.amended();
          if (amended != null) {
            events.add(amended);
          }
          holding.add(
              new Corrected(correction, originals.getOrDefault(subject, Corrections.UNSEEN)));
        });
    events.sort(Comparator.comparing(Event::key));
    holding.sort(
        Comparator.comparing((Corrected corrected) -> corrected.correction().mark())
            .thenComparing(corrected -> corrected.correction().id()));
    return new CorrectedLog(events, holding);
  }

  /** The events, of those with the same type and id the first. */
  public List<Event> firstOfEachId() {
    Set<Subject> seen = new HashSet<>();
    return events.stream().filter(event -> seen.add(Subject.of(event))).toList();
  }
}
