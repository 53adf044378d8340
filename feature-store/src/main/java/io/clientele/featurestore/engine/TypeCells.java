package io.clientele.featurestore.engine;

/**
 * Where a reader puts the numbers of one event type: for each window, the narrowest first, and for
 * the lifetime, a slot of
 *
 * <pre>
 * count · active days · sums · mins · maxs · distinct labels
 * </pre>
 *
 * <p>and behind these first time, last time, sum of squared gaps, greatest gap, last values.
 */
final class TypeCells {
  /** Place of the event type in its plan. */
  final int index;

  /** Whether anybody asks for them. */
  final boolean used;

  final int measureCount;
  final int dimensionCount;

  /** Lengths of the windows in days, ascending, without the lifetime. */
  final int[] windowDays;

  /** Cells from one slot to the next. */
  final int slotCells;

  private final int start;

  TypeCells(boolean used, EventLayout layout, int[] windowDays, int start) {
    this.index = layout.index();
    this.used = used;
    this.measureCount = layout.measureCount();
    this.dimensionCount = layout.dimensionCount();
    this.windowDays = windowDays;
    this.slotCells = 2 + 3 * measureCount + dimensionCount;
    this.start = start;
  }

  /** The length of the longest window in days; 0 where there is none. */
  int longestDays() {
    return windowDays.length == 0 ? 0 : windowDays[windowDays.length - 1];
  }

  /** The first cell behind all of these. */
  int end() {
    return lastMeasure(measureCount);
  }

  /** The slot of a window, by its place in {@link #windowDays}. */
  int slot(int window) {
    return start + window * slotCells;
  }

  int lifetime() {
    return slot(windowDays.length);
  }

  static int count(int slot) {
    return slot;
  }

  static int activeDays(int slot) {
    return slot + 1;
  }

  int sum(int slot, int measure) {
    return slot + 2 + measure;
  }

  int min(int slot, int measure) {
    return slot + 2 + measureCount + measure;
  }

  int max(int slot, int measure) {
    return slot + 2 + 2 * measureCount + measure;
  }

  int distinct(int slot, int dimension) {
    return slot + 2 + 3 * measureCount + dimension;
  }

  int firstMs() {
    return lifetime() + slotCells;
  }

  int lastMs() {
    return firstMs() + 1;
  }

  int squares() {
    return firstMs() + 2;
  }

  int greatestGap() {
    return firstMs() + 3;
  }

  int lastMeasure(int measure) {
    return firstMs() + 4 + measure;
  }
}
