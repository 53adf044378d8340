package io.clientele.featurestore.engine;

import java.util.Arrays;

/**
 * A valid write of one group of one customer, by the layout of a plan: all values that the group
 * has from then on. Immutable.
 *
 * <p>Of two writes the one with the later event time holds; of two with the same, the one whose
 * values are the greater as bytes, so that the order in which they come does not matter.
 */
public final class GroupWrite implements DecodedWrite, Change {
  private final GroupLayout layout;
  private final long timeMs;
  private final String source;
  private final byte[] values;

  /**
   * Takes the array over.
   *
   * @param values presence bits and values, as {@link PackedGroup} lays them out
   */
  GroupWrite(GroupLayout layout, long timeMs, String source, byte[] values) {
    this.layout = layout;
    this.timeMs = timeMs;
    this.source = source;
    this.values = values;
  }

  @Override
  public String what() {
    return layout.name();
  }

  @Override
  public long timeMs() {
    return timeMs;
  }

  GroupLayout layout() {
    return layout;
  }

  /** Who wrote it; may be empty. */
  String source() {
    return source;
  }

  /** Not to be changed. */
  byte[] values() {
    return values;
  }

  /** Below 0, 0 or above 0 as this write gives way to what is stored, says the same, or holds. */
  int compareTo(GroupReader stored) {
    return timeMs != stored.timeMs()
        ? Long.compare(timeMs, stored.timeMs())
        : Arrays.compareUnsigned(
            values,
            0,
            values.length,
            stored.packed(),
            stored.valuesStart(),
            stored.valuesStart() + values.length);
  }
}
