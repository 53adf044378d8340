package io.clientele.featurestore.engine;

import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * A customer's log, from which the histories of event types are built anew. Immutable.
 *
 * <p>The histories become what they had been, had the log been recorded event by event. What has
 * been recorded since is kept where the type keeps its events and its definition is still the same:
 * events and corrections that the log does not have. Of a type with recent ids, only the log
 * counts.
 */
public final class Rebuild implements Change {
  private final Set<String> types;
  private final List<Change> log;

  private Rebuild(Set<String> types, List<Change> log) {
    this.types = types;
    this.log = log;
  }

  /**
   * Makes a rebuild.
   *
   * @param types of events, whose histories are built anew; at least one, also where this customer
   *     has no event of it
   * @param log events and corrections of one customer, in any order
   */
  public static Rebuild of(Set<String> types, Collection<? extends Change> log) {
    if (types.isEmpty()) {
      throw new IllegalArgumentException("types: none (expected: at least one)");
    }
    return new Rebuild(Set.copyOf(types), List.copyOf(log));
  }

  /** The same, but for what happened until a moment. */
  public Rebuild after(long timeMs) {
    return new Rebuild(types, log.stream().filter(change -> change.timeMs() > timeMs).toList());
  }

  /** The names of the types, with a space between them. */
  @Override
  public String what() {
    return String.join(" ", types.stream().sorted().toList());
  }

  /** When the newest event of the log happened; 1970 if there is none. */
  @Override
  public long timeMs() {
    return log.stream().mapToLong(Change::timeMs).max().orElse(0);
  }

  /** When the newest change of the log came, as far as it says; 1970 if there is none. */
  long newestMs() {
    return log.stream().mapToLong(Rebuild::cameMs).max().orElse(0);
  }

  private static long cameMs(Change change) {
    return change instanceof Correction correction
        ? Math.max(change.timeMs(), correction.mark().correctedMs())
        : change.timeMs();
  }

  boolean isEmpty() {
    return log.isEmpty();
  }

  boolean has(EventLayout layout) {
    return types.contains(layout.name());
  }

  /** What the log has of an event type. */
  List<Change> of(EventLayout layout) {
    return log.stream().filter(change -> change.what().equals(layout.name())).toList();
  }
}
