package io.clientele.featurestore.engine;

import io.clientele.featurestore.engine.CorrectedLog.Corrected;
import io.clientele.featurestore.engine.Corrections.Entry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Builds the history of one event type anew, from a log and what has been recorded since. Not
 * thread-safe.
 */
final class HistoryBuilder {
  private final FeaturePlan plan;
  private final TypeHistory recorded;
  private final TypeHistory built;
  private final Moment end;
  private long clockMs = Long.MIN_VALUE;

  /**
   * Begins without events.
   *
   * @param recorded the history to be replaced; without events where it cannot be read
   * @param end the moment that the history is built for, not before the state's clock
   */
  HistoryBuilder(FeaturePlan plan, TypeHistory recorded, Moment end) {
    this.plan = plan;
    this.recorded = recorded;
    this.built = new TypeHistory(recorded.layout());
    this.end = end;
  }

  /** Folds what happened in truth, as if each event had come at its own time. */
  TypeHistory build(Rebuild rebuild) {
    CorrectedLog log = CorrectedLog.of(changes(rebuild.of(recorded.layout())));
    log.events().forEach(this::add);
    built.advance(clockMs, end);
    log.corrections().reversed().forEach(this::note);
    return built;
  }

  /** The log, and what has been recorded that it lacks. */
  private Collection<Change> changes(List<Change> log) {
    if (!recorded.layout().keepsEvents()) {
      return log;
    }
    List<Change> changes = new ArrayList<>(log);
    Set<EventId> logged =
        log.stream()
            .filter(Event.class::isInstance)
            .map(change -> ((Event) change).key().id())
            .collect(Collectors.toSet());
    Corrections corrections = recorded.corrections();
    for (Event event : recorded.ledger().between(Long.MIN_VALUE, Long.MAX_VALUE)) {
      EventId id = event.key().id();
      boolean known = corrections.entries().containsKey(id) || logged.contains(id);
      if (!known && log.stream().noneMatch(change -> amendsTo(change, event))) {
        changes.add(event);
      }
    }
    corrections
        .entries()
        .forEach(
            (id, entry) -> {
              Event amended = recorded.ledger().event(id);
              // What an amended event said is gone with the event, once that has left the
              // retention.
              if (entry.mark().cancels() || amended != null) {
                changes.add(Correction.of(recorded.layout(), id, amended, entry.mark()));
              }
            });
    return changes;
  }

  /** Whether an event is what a correction has made of it, and did not come so itself. */
  private static boolean amendsTo(Change change, Event event) {
    return change instanceof Correction correction
        && correction.id().equals(event.key().id())
        && correction.equals(Correction.amend(event, correction.mark().correctedMs()));
  }

  private void add(Event event) {
    Moment now = plan.moment(Math.max(clockMs, Math.min(event.timeMs(), end.ms())));
    if (built.judge(event, now).verdict().changesState()) {
      built.advance(clockMs, now);
      clockMs = now.ms();
      built.add(event, now);
    }
  }

  /** Notes a correction, which the events have been through already. */
  private void note(Corrected corrected) {
    Correction correction = corrected.correction();
    Entry known = recorded.corrections().entries().get(correction.id());
    long originalMs = corrected.originalMs();
    if (originalMs == Corrections.UNSEEN && known != null) {
      originalMs = known.originalMs();
    }
    var entry = new Entry(correction.mark(), originalMs);
    if (entry.lastMs() >= end.firstMs() && !built.corrections().isFull(end.firstMs())) {
      built.corrections().put(correction.id(), entry);
    }
  }
}
