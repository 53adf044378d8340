package io.clientele.featurestore.engine;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * The labels seen last in one dimension, each with its last day, up to a limit. Which ones are kept
 * does not depend on the order in which they are seen: the greatest by day and then by label.
 */
final class RecentLabels {
  /** A label and the last day that it was seen on. */
  record Seen(long day, String label) implements Comparable<Seen> {
    @Override
    public int compareTo(Seen other) {
      int byDay = Long.compare(day, other.day);
      return byDay != 0 ? byDay : label.compareTo(other.label);
    }
  }

  private final int limit;
  private final Map<String, Seen> byLabel = new HashMap<>();
  private final TreeSet<Seen> byDay = new TreeSet<>();

  RecentLabels(int limit) {
    this.limit = limit;
  }

  void see(String label, long day) {
    Seen known = byLabel.get(label);
    if (known != null && known.day() >= day) {
      return;
    }
    if (known != null) {
      byDay.remove(known);
    }
    var seen = new Seen(day, label);
    byLabel.put(label, seen);
    byDay.add(seen);
    if (byDay.size() > limit) {
      byLabel.remove(byDay.removeFirst().label());
    }
  }

  Collection<Seen> newestFirst() {
    return byDay.descendingSet();
  }

  RecentLabels copy() {
    var copy = new RecentLabels(limit);
    copy.byLabel.putAll(byLabel);
    copy.byDay.addAll(byDay);
    return copy;
  }
}
