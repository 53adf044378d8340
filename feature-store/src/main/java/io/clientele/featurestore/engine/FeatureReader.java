package io.clientele.featurestore.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Reads a row of features out of a customer's packed summary and groups, in one pass and without
 * allocation. Holds nothing between rows but scratch space, from which it tells more of the row
 * that it has read last. Not thread-safe.
 *
 * <p>A row is one little-endian float32 a column, the feature's default where it is missing, and
 * presence bits: bit {@code c % 8}, from the lowest, of byte {@code c / 8} is set where column
 * {@code c} is present. Both are written at absolute offsets; the order and the position of the
 * buffers do not matter and do not change.
 *
 * <p>A feature is unanswered where there were events or a write, but the state does not tell any
 * more what it is. It is missing then, too.
 *
 * <p>Values are computed from exact whole numbers in double precision and rounded to float once.
 */
public final class FeatureReader {
  private static final VarHandle FLOAT =
      MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);
  private static final byte[] NOTHING = {};
  private static final double MS_PER_SECOND = 1_000;

  /** Of a column without any event or write behind it; greater than every age. */
  static final long NO_AGE = Long.MAX_VALUE;

  private final FeatureSelection selection;
  private final PackedReader in = new PackedReader();
  private final CRC32C crc = new CRC32C();
  private final long[] cells;
  private final double[] results;
  private final boolean[] present;
  private final boolean[] unanswered;

  /** By event type: the last day that windows must not reach back to. */
  private final long[] untoldDays;

  /** Whether there is such a day; else neither that array nor the one above is looked at. */
  private boolean untold;

  private final byte[] row;
  private final byte[] presenceRow;
  private final GroupReader[] groups;
  private final byte[][] noGroups;
  private long moment;

  FeatureReader(FeatureSelection selection) {
    this.selection = selection;
    this.cells = new long[selection.cellCount];
    int steps = selection.operators.length + selection.dividends.length;
    this.results = new double[steps];
    this.present = new boolean[steps];
    this.unanswered = new boolean[steps];
    this.untoldDays = new long[selection.types.length];
    this.row = new byte[selection.rowBytes()];
    this.presenceRow = new byte[selection.presenceBytes()];
    this.groups =
        selection.groups.stream()
            .map(layout -> new GroupReader(layout, crc))
            .toArray(GroupReader[]::new);
    this.noGroups = Collections.nCopies(groups.length, NOTHING).toArray(byte[][]::new);
  }

  /**
   * Reads one row.
   *
   * @param summary {@link PackedState#summary}; empty for a customer without events
   * @param packedGroups one each of {@link FeatureSelection#groups}, as {@link CustomerGroups}
   *     packs them; empty where the customer has none
   * @param asOfMs the moment that the features hold at, in milliseconds since 1970 UTC; one before
   *     the state's clock is taken as the clock, so that clocks may differ a little between who
   *     writes and who reads
   * @throws StateException if the summary is damaged
   */
  public void read(
      byte[] summary,
      byte[][] packedGroups,
      long asOfMs,
      ByteBuffer values,
      int valuesOffset,
      ByteBuffer presence,
      int presenceOffset) {
    moment = load(summary, asOfMs);
    long latestMs = moment + selection.plan.catalog().futureToleranceMs();
    for (int g = 0; g < groups.length; g++) {
      groups[g].open(packedGroups[g], latestMs);
    }
    evaluate(moment);
    writeRow(values, valuesOffset, presence, presenceOffset);
  }

  /**
   * Reads one row of a past moment. A group of which only later values are known is unanswered.
   *
   * @param summaryAsOf of {@link CustomerState#summaryAsOf} that moment; empty for a customer
   *     without events
   */
  public void readAsOf(
      byte[] summaryAsOf,
      byte[][] packedGroups,
      long asOfMs,
      ByteBuffer values,
      int valuesOffset,
      ByteBuffer presence,
      int presenceOffset) {
    moment = load(summaryAsOf, asOfMs);
    for (int g = 0; g < groups.length; g++) {
      groups[g].open(packedGroups[g], asOfMs);
    }
    evaluate(moment);
    writeRow(values, valuesOffset, presence, presenceOffset);
  }

  /** Reads one row of a customer of whom no group is known. */
  public void read(
      byte[] summary,
      long asOfMs,
      ByteBuffer values,
      int valuesOffset,
      ByteBuffer presence,
      int presenceOffset) {
    read(summary, noGroups, asOfMs, values, valuesOffset, presence, presenceOffset);
  }

  /** Reads one row from state at hand, by the same way. */
  public void read(
      CustomerState state,
      long asOfMs,
      ByteBuffer values,
      int valuesOffset,
      ByteBuffer presence,
      int presenceOffset) {
    read(state.encodeSummary(), asOfMs, values, valuesOffset, presence, presenceOffset);
  }

  /** Writes the row of a customer of whom nothing is known. */
  public void readUnknown(
      ByteBuffer values, int valuesOffset, ByteBuffer presence, int presenceOffset) {
    read(NOTHING, noGroups, 0, values, valuesOffset, presence, presenceOffset);
  }

  /** Writes a row of which nothing can be told: every feature is missing. */
  public void readMissing(
      ByteBuffer values, int valuesOffset, ByteBuffer presence, int presenceOffset) {
    readUnknown(values, valuesOffset, presence, presenceOffset);
    Arrays.fill(present, false);
    writeRow(values, valuesOffset, presence, presenceOffset);
  }

  /** Whether any feature of the row is stale. */
  public boolean hasStale() {
    for (GroupReader group : groups) {
      if (isStale(group)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a column is stale: it is present, and older than its group's limit of age. */
  public boolean isStale(int column) {
    int p = pushed(column);
    return p >= 0
        && isStale(groups[selection.pushedGroups[p]])
        && groups[selection.pushedGroups[p]].has(selection.pushedPlaces[p]);
  }

  /** Sets a bit, as those of presence, for each column that is stale. */
  public void writeStaleness(byte[] staleness, int offset) {
    for (int p = 0; p < selection.pushedColumns.length; p++) {
      GroupReader group = groups[selection.pushedGroups[p]];
      if (group.has(selection.pushedPlaces[p]) && isStale(group)) {
        int column = selection.pushedColumns[p];
        staleness[offset + (column >> 3)] |= (byte) (1 << (column & 7));
      }
    }
  }

  /**
   * Writes the age of each column in seconds, as little-endian float32: since the newest event or
   * write behind it; NaN where there is none.
   */
  public void writeAges(byte[] ages, int offset) {
    for (int column = 0; column < selection.size(); column++) {
      long ageMs = ageMs(column);
      FLOAT.set(
          ages,
          offset + column * Float.BYTES,
          ageMs == NO_AGE ? Float.NaN : (float) (ageMs / MS_PER_SECOND));
    }
  }

  /** Whether some column is unanswered. */
  public boolean hasUnanswered() {
    for (GroupReader group : groups) {
      if (isUnreadable(group)) {
        return true;
      }
    }
    if (untold) {
      for (int step : selection.steps) {
        if (step != FeatureSelection.PUSHED && unanswered[step]) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether a column is unanswered. */
  public boolean isUnanswered(int column) {
    int step = selection.steps[column];
    return step == FeatureSelection.PUSHED
        ? isUnreadable(groups[selection.pushedGroups[pushed(column)]])
        : isUnansweredStep(step);
  }

  /** Whether an aggregation or a ratio is unanswered. */
  boolean isUnansweredStep(int step) {
    return untold && unanswered[step];
  }

  /** The names of the groups whose bytes are not what was written. */
  public List<String> damagedGroups() {
    return Arrays.stream(groups)
        .filter(group -> group.content() == GroupReader.Content.DAMAGED)
        .map(group -> group.layout().name())
        .toList();
  }

  private boolean isStale(GroupReader group) {
    return group.content() == GroupReader.Content.VALUES && group.isStale(moment);
  }

  private static boolean isUnreadable(GroupReader group) {
    return switch (group.content()) {
      case LATER, FOREIGN, DAMAGED -> true;
      case NONE, VALUES -> false;
    };
  }

  /** Fills the cells; returns the moment that they hold at. */
  private long load(byte[] summary, long asOfMs) {
    Arrays.fill(cells, 0);
    untold = false;
    if (summary.length == 0) {
      return asOfMs;
    }
    Packed.check(summary, crc);
    try {
      in.open(summary, Packed.HEADER_BYTES);
      long clockMs = in.signed();
      long moment = Math.max(asOfMs, clockMs);
      int end = openBody(clockMs, moment);
      while (in.position() < end) {
        int index = selection.plan.indexOfName(in.int32());
        long fingerprint = in.int64();
        int sectionEnd = in.blockEnd();
        if (index >= 0 && selection.types[index].used) {
          loadSection(selection.types[index], fingerprint, Days.of(moment));
        }
        in.moveTo(sectionEnd);
      }
      return moment;
    } catch (IndexOutOfBoundsException e) {
      throw new StateException("state is damaged: " + e.getMessage());
    }
  }

  /** Moves to the last body that holds at a moment; returns its end. */
  private int openBody(long clockMs, long moment) {
    in.unsigned();
    int end = in.blockEnd();
    int start = in.position();
    in.moveTo(end);
    while (in.hasMore() && clockMs + in.unsigned() <= moment) {
      end = in.blockEnd();
      start = in.position();
      in.moveTo(end);
    }
    in.moveTo(start);
    return end;
  }

  private void loadSection(TypeCells type, long fingerprint, long today) {
    if (!selection.plan.reads(type.index, fingerprint)) {
      leaveUntold(type, Long.MAX_VALUE);
      return;
    }
    loadTotals(type, today);
    loadLabels(type, today);
    loadTiles(type, today);
  }

  private void leaveUntold(TypeCells type, long day) {
    if (!untold) {
      Arrays.fill(untoldDays, Long.MIN_VALUE);
      untold = true;
    }
    untoldDays[type.index] = Math.max(untoldDays[type.index], day);
  }

  private void loadTotals(TypeCells type, long today) {
    int slot = type.lifetime();
    long count = loadAggregate(type, slot);
    long lastMs = in.signed();
    cells[type.lastMs()] = lastMs;
    cells[type.firstMs()] = lastMs - in.unsigned();
    long sinceCompacted = in.unsigned();
    if (sinceCompacted > 0) {
      long compactedDay = Days.of(lastMs) + 1 - sinceCompacted;
      if (today - type.longestDays() < compactedDay) {
        leaveUntold(type, compactedDay);
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
  private long loadAggregate(TypeCells type, int slot) {
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
  private void loadLabels(TypeCells type, long today) {
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
  private void loadTiles(TypeCells type, long today) {
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
        loadAggregate(type, slot);
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

  private void evaluate(long moment) {
    int aggregations = selection.operators.length;
    for (int step = 0; step < aggregations; step++) {
      evaluate(step, moment);
    }
    if (untold) {
      leaveUnanswered(Days.of(moment));
    }
    for (int r = 0; r < selection.dividends.length; r++) {
      int dividend = selection.dividends[r];
      int divisor = selection.divisors[r];
      present[aggregations + r] = present[dividend] && present[divisor] && results[divisor] != 0;
      results[aggregations + r] = results[dividend] / results[divisor];
    }
  }

  /** Takes back what follows from less than it should. */
  private void leaveUnanswered(long today) {
    int aggregations = selection.operators.length;
    for (int step = 0; step < aggregations; step++) {
      long untoldDay = untoldDays[selection.aggregationTypes[step].index];
      unanswered[step] = today - selection.tileDays[step] < untoldDay;
      present[step] &= !unanswered[step];
    }
    for (int r = 0; r < selection.dividends.length; r++) {
      unanswered[aggregations + r] =
          unanswered[selection.dividends[r]] || unanswered[selection.divisors[r]];
    }
  }

  private void evaluate(int step, long moment) {
    long cell = cells[selection.cells[step]];
    long count = cells[selection.countCells[step]];
    double scale = selection.scales[step];
    boolean exists = count > 0;
    double result;
    switch (selection.operators[step]) {
      case COUNT, ACTIVE_DAYS, DISTINCT -> {
        exists = true;
        result = cell;
      }
      case SUM -> {
        exists = true;
        result = cell / scale;
      }
      case MEAN -> result = cell / (scale * count);
      case MIN, MAX, LAST -> result = cell / scale;
      case RECENCY, TENURE -> result = (double) (moment - cell) / Days.MS;
      case GAP_MEAN -> {
        exists = cell > 1;
        result = (double) gapDays(step) / (cell - 1);
      }
      case GAP_STD -> {
        exists = cell > 1;
        result = gapDeviation(step, cell - 1);
      }
      case GAP_MAX -> {
        exists = cell > 1;
        result = cells[selection.aggregationTypes[step].greatestGap()];
      }
      default -> throw new AssertionError();
    }
    present[step] = exists;
    results[step] = result;
  }

  /** All gaps together. */
  private long gapDays(int step) {
    TypeCells type = selection.aggregationTypes[step];
    return Days.of(cells[type.lastMs()]) - Days.of(cells[type.firstMs()]);
  }

  private double gapDeviation(int step, long gaps) {
    long sum = gapDays(step);
    long squares = cells[selection.aggregationTypes[step].squares()];
    return Math.sqrt((double) (gaps * squares - sum * sum)) / gaps;
  }

  FeatureSelection selection() {
    return selection;
  }

  /** The moment that the row holds at. */
  long moment() {
    return moment;
  }

  boolean isPresent(int column) {
    return (presenceRow[column >> 3] >> (column & 7) & 1) != 0;
  }

  float value(int column) {
    return (float) FLOAT.get(row, column * Float.BYTES);
  }

  long cell(int cell) {
    return cells[cell];
  }

  /** A group by its place in the selection. */
  GroupReader group(int place) {
    return groups[place];
  }

  /** The group of a pushed column. */
  GroupReader groupOf(int column) {
    return groups[selection.pushedGroups[pushed(column)]];
  }

  /** The place of a column among the pushed ones; below 0 if it is none. */
  private int pushed(int column) {
    return Arrays.binarySearch(selection.pushedColumns, column);
  }

  /**
   * Since the newest event or write behind a column, never below 0; {@link #NO_AGE} without one.
   */
  long ageMs(int column) {
    int step = selection.steps[column];
    if (step != FeatureSelection.PUSHED) {
      return stepAgeMs(step);
    }
    int p = pushed(column);
    GroupReader group = groups[selection.pushedGroups[p]];
    return group.has(selection.pushedPlaces[p]) ? Math.max(0, moment - group.timeMs()) : NO_AGE;
  }

  private long stepAgeMs(int step) {
    int ratio = step - selection.operators.length;
    if (ratio >= 0) {
      return Math.min(stepAgeMs(selection.dividends[ratio]), stepAgeMs(selection.divisors[ratio]));
    }
    return cells[selection.countCells[step]] == 0
        ? NO_AGE
        : moment - cells[selection.aggregationTypes[step].lastMs()];
  }

  private void writeRow(
      ByteBuffer values, int valuesOffset, ByteBuffer presence, int presenceOffset) {
    Arrays.fill(presenceRow, (byte) 0);
    for (int c = 0; c < selection.steps.length; c++) {
      int step = selection.steps[c];
      if (step != FeatureSelection.PUSHED) {
        boolean exists = present[step];
        FLOAT.set(row, c * Float.BYTES, exists ? (float) results[step] : selection.defaults[c]);
        if (exists) {
          presenceRow[c >> 3] |= (byte) (1 << (c & 7));
        }
      }
    }
    for (int p = 0; p < selection.pushedColumns.length; p++) {
      int c = selection.pushedColumns[p];
      GroupReader group = groups[selection.pushedGroups[p]];
      boolean exists = group.has(selection.pushedPlaces[p]);
      FLOAT.set(
          row,
          c * Float.BYTES,
          exists ? group.value(selection.pushedPlaces[p]) : selection.defaults[c]);
      if (exists) {
        presenceRow[c >> 3] |= (byte) (1 << (c & 7));
      }
    }
    values.put(valuesOffset, row);
    presence.put(presenceOffset, presenceRow);
  }
}
