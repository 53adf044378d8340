package io.clientele.featurestore.engine;

import org.jspecify.annotations.Nullable;

/**
 * A valid correction of one event: it did not happen, or it was otherwise. Of two corrections of an
 * event the later one holds; of two of the same moment a cancellation, then the one with the
 * greater digest. Ordered so, among the corrections of one event. Immutable.
 */
public final class Correction implements Change, Decoded, Comparable<Correction> {
  private final EventLayout layout;
  private final EventId id;
  private final @Nullable Event amended;
  private final Mark mark;

  /**
   * What tells corrections of one event apart: when it was made, and 64 bits over what it says.
   *
   * @param digest {@link #CANCELLED} for a cancellation
   */
  record Mark(long correctedMs, long digest) implements Comparable<Mark> {
    /** The greatest, unsigned. */
    private static final long CANCELLED = -1;

    boolean cancels() {
      return digest == CANCELLED;
    }

    @Override
    public int compareTo(Mark other) {
      int byTime = Long.compare(correctedMs, other.correctedMs);
      return byTime != 0 ? byTime : Long.compareUnsigned(digest, other.digest);
    }
  }

  private Correction(EventLayout layout, EventId id, @Nullable Event amended, Mark mark) {
    this.layout = layout;
    this.id = id;
    this.amended = amended;
    this.mark = mark;
  }

  static Correction cancel(EventLayout layout, EventId id, long correctedMs) {
    return new Correction(layout, id, null, new Mark(correctedMs, Mark.CANCELLED));
  }

  /**
   * Makes an amendment.
   *
   * @param event as it was in truth
   */
  static Correction amend(Event event, long correctedMs) {
    // A bit less, so that it is never that of a cancellation.
    long digest = digest(event) << 1;
    return new Correction(event.layout(), event.key().id(), event, new Mark(correctedMs, digest));
  }

  /** A correction as a ledger has it. */
  static Correction of(EventLayout layout, EventId id, @Nullable Event amended, Mark mark) {
    return new Correction(layout, id, amended, mark);
  }

  private static long digest(Event event) {
    var content = new PackedWriter();
    content.signed(event.timeMs());
    for (long measure : event.measures()) {
      content.signed(measure);
    }
    for (String[] labels : event.labels()) {
      content.unsigned(labels.length);
      for (String label : labels) {
        content.text(label);
      }
    }
    return EventId.of(content.toByteArray()).high();
  }

  @Override
  public String what() {
    return layout.name();
  }

  /** When the event happened, as amended; when it was cancelled, where it did not happen. */
  @Override
  public long timeMs() {
    return amended == null ? mark.correctedMs : amended.timeMs();
  }

  EventLayout layout() {
    return layout;
  }

  EventId id() {
    return id;
  }

  /** What the event was in truth; null where it did not happen. */
  @Nullable Event amended() {
    return amended;
  }

  Mark mark() {
    return mark;
  }

  @Override
  public int compareTo(Correction other) {
    return mark.compareTo(other.mark);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Correction that
        && layout.fingerprint() == that.layout.fingerprint()
        && id.equals(that.id)
        && mark.equals(that.mark);
  }

  @Override
  public int hashCode() {
    return 31 * id.hashCode() + mark.hashCode();
  }
}
