package io.clientele.featurestore.engine;

import java.util.Arrays;

/**
 * Of each event type, the last day of which a customer's state does not tell what happened: the
 * tile of that day is gone, or the type is defined otherwise now. Reused from one customer to the
 * next. Not thread-safe.
 */
final class UntoldDays {
  /** By event type; looked at only where there is any. */
  private final long[] lastDays;

  private boolean any;

  UntoldDays(int types) {
    this.lastDays = new long[types];
  }

  void clear() {
    any = false;
  }

  /** Nothing is told of a type. */
  void addAll(TypeCells type) {
    addUntil(type, Long.MAX_VALUE);
  }

  /** A day is not told of a type. */
  void addUntil(TypeCells type, long day) {
    if (!any) {
      Arrays.fill(lastDays, Long.MIN_VALUE);
      any = true;
    }
    lastDays[type.index] = Math.max(lastDays[type.index], day);
  }

  /** Whether there is such a day of any type. */
  boolean any() {
    return any;
  }

  /**
   * Whether a window reaches back to such a day; only where there is any.
   *
   * @param windowDays 0 for what is known without tiles: then only if nothing is told of the type
   */
  boolean isReachedBy(TypeCells type, int windowDays, long today) {
    return today - windowDays < lastDays[type.index];
  }
}
