package io.clientele.featurestore.engine;

/**
 * A valid event of one customer, by the indexes of a plan. Ordered by time, then id. Immutable.
 *
 * <p>Measures are exact: whole numbers of 10^-decimals. Labels are sorted and without doubles.
 */
public final class Event implements Decoded, Change {
  /** Of one dimension. */
  static final String[] NO_LABELS = {};

  private final EventLayout layout;
  private final Key key;
  private final long[] measures;
  private final String[][] labels;

  /** Where an event stands among the others of its type. */
  record Key(long timeMs, EventId id) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int byTime = Long.compare(timeMs, other.timeMs);
      return byTime != 0 ? byTime : id.compareTo(other.id);
    }
  }

  /** Takes the arrays over: one exact number a measure, one array of labels a dimension. */
  Event(EventLayout layout, Key key, long[] measures, String[][] labels) {
    this.layout = layout;
    this.key = key;
    this.measures = measures;
    this.labels = labels;
  }

  /** The name of its type. */
  public String typeName() {
    return layout.name();
  }

  @Override
  public String what() {
    return layout.name();
  }

  @Override
  public long timeMs() {
    return key.timeMs();
  }

  /** A measure as it is counted: rounded to the catalog's decimals. */
  public double measure(String name) {
    for (int m = 0; m < measures.length; m++) {
      if (layout.measures().get(m).name().equals(name)) {
        return measures[m] / Decimals.scale(layout.measures().get(m).decimals());
      }
    }
    throw new IllegalArgumentException(typeName() + " has no measure " + name);
  }

  EventLayout layout() {
    return layout;
  }

  Key key() {
    return key;
  }

  /** Not to be changed. */
  long[] measures() {
    return measures;
  }

  /** Not to be changed. */
  String[][] labels() {
    return labels;
  }
}
