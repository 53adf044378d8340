package io.clientele.featurestore.engine;

/**
 * Reads what a summary has of one event type into the type's cells: totals of the lifetime, then
 * what falls into each window. {@link Packed} shows the form. Not thread-safe.
 */
final class SectionReader {
  private final PackedReader in;
  private final long[] cells;
  private final UntoldDays untold;

  /**
   * @param in stands at the content of a section where it is read
   * @param cells where the numbers are added; 0 where nothing was read yet
   * @param untold where it goes what the windows miss
   */
  SectionReader(PackedReader in, long[] cells, UntoldDays untold) {
    this.in = in;
    this.cells = cells;
    this.untold = untold;
  }

  /**
   * Reads one section.
   *
   * @param today the UTC day that windows end with
   */
  void read(TypeCells type, long today) {
    readTotals(type, today);
    readLabels(type, today);
    readTiles(type, today);
  }

  private void readTotals(TypeCells type, long today) {
    int slot = type.lifetime();
    long count = readAggregate(type, slot);
    long lastMs = in.signed();
    cells[type.lastMs()] = lastMs;
    cells[type.firstMs()] = lastMs - in.unsigned();
    long sinceCompacted = in.unsigned();
    if (sinceCompacted > 0) {
      long compactedDay = Days.of(lastMs) + 1 - sinceCompacted;
      if (today - type.longestDays() < compactedDay) {
        untold.addUntil(type, compactedDay);
      }
    }
    long activeDays = in.unsigned();
    cells[TypeCells.activeDays(slot)] = activeDays;
    if (activeDays > 1) {
      cells[type.squares()] = in.unsigned();
      cells[type.greatestGap()] = in.unsigned();
    }
    for (int m = 0; m < type.measureCount; m++) {
      cells[type.lastMeasure(m)] = count > 1 ? in.signed() : cells[type.sum(slot, m)];
    }
  }

  /** Adds an aggregate to a slot; returns its count. */
  private long readAggregate(TypeCells type, int slot) {
    long count = in.unsigned();
    boolean first = cells[TypeCells.count(slot)] == 0;
    cells[TypeCells.count(slot)] += count;
    for (int m = 0; m < type.measureCount; m++) {
      long sum = in.signed();
      long min = count > 1 ? in.signed() : sum;
      long max = count > 1 ? min + in.unsigned() : sum;
      int minCell = type.min(slot, m);
      int maxCell = type.max(slot, m);
      cells[type.sum(slot, m)] += sum;
      cells[minCell] = first ? min : Math.min(cells[minCell], min);
      cells[maxCell] = first ? max : Math.max(cells[maxCell], max);
    }
    return count;
  }

  /** Labels come by their last day, newest first, so each window has a prefix of them. */
  private void readLabels(TypeCells type, long today) {
    long lastDay = Days.of(cells[type.lastMs()]);
    for (int d = 0; d < type.dimensionCount; d++) {
      int count = in.count();
      int window = 0;
      long day = lastDay;
      for (int seen = 0; seen < count; seen++) {
        day -= in.unsigned();
        while (window < type.windowDays.length && today - day >= type.windowDays[window]) {
          cells[type.distinct(type.slot(window++), d)] = seen;
        }
      }
      while (window < type.windowDays.length) {
        cells[type.distinct(type.slot(window++), d)] = count;
      }
      cells[type.distinct(type.lifetime(), d)] = count;
    }
  }

  /**
   * Tiles come newest first, so each window continues where the one before ended: they are added up
   * in the narrowest window's slot until one is outside, then the slot is copied to the next.
   */
  private void readTiles(TypeCells type, long today) {
    int windows = type.windowDays.length;
    int count = in.count();
    int window = 0;
    long day = Days.of(cells[type.lastMs()]);
    for (int t = 0; t < count && window < windows; t++) {
      day -= in.unsigned();
      while (window < windows && today - day >= type.windowDays[window]) {
        widen(type, window++);
      }
      if (window < windows) {
        int slot = type.slot(window);
        readAggregate(type, slot);
        cells[TypeCells.activeDays(slot)]++;
      }
    }
    while (window < windows) {
      widen(type, window++);
    }
  }

  /** Begins the next window with what this one has; labels have been counted already. */
  private void widen(TypeCells type, int window) {
    if (window + 1 < type.windowDays.length) {
      int from = type.slot(window);
      System.arraycopy(
          cells, from, cells, from + type.slotCells, type.slotCells - type.dimensionCount);
    }
  }
}
