package io.clientele.featurestore.engine;

import io.clientele.featurestore.catalog.Feature;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/**
 * Reads a row of features out of a customer's packed summary, in one pass and without allocation.
 * Holds nothing between rows but scratch space. Not thread-safe.
 *
 * <p>A row is one little-endian float32 a column, the feature's default where it is missing, and
 * presence bits: bit {@code c % 8}, from the lowest, of byte {@code c / 8} is set where column
 * {@code c} is present. Both are written at absolute offsets; the order and the position of the
 * buffers do not matter and do not change.
 *
 * <p>Values are computed from exact whole numbers in double precision and rounded to float once.
 */
public final class FeatureReader {
  private static final VarHandle FLOAT =
      MethodHandles.byteArrayViewVarHandle(float[].class, ByteOrder.LITTLE_ENDIAN);

  private final FeatureSelection selection;
  private final PackedReader in = new PackedReader();
  private final CRC32C crc = new CRC32C();
  private final long[] cells;
  private final double[] results;
  private final boolean[] present;
  private final byte[] row;
  private final byte[] presenceRow;

  FeatureReader(FeatureSelection selection) {
    this.selection = selection;
    this.cells = new long[selection.cellCount];
    int steps = selection.operators.length + selection.dividends.length;
    this.results = new double[steps];
    this.present = new boolean[steps];
    this.row = new byte[selection.rowBytes()];
    this.presenceRow = new byte[selection.presenceBytes()];
  }

  /**
   * Reads one row.
   *
   * @param summary {@link PackedState#summary}
   * @param asOfMs the moment that the features hold at, in milliseconds since 1970 UTC; one before
   *     the state's clock is taken as the clock, so that clocks may differ a little between who
   *     writes and who reads
   * @throws StateException if the summary is damaged, or of other event types than the plan's
   */
  public void read(
      byte[] summary,
      long asOfMs,
      ByteBuffer values,
      int valuesOffset,
      ByteBuffer presence,
      int presenceOffset) {
    evaluate(load(summary, asOfMs));
    writeRow(values, valuesOffset, presence, presenceOffset);
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

  /** Writes the row of a customer without any event. */
  public void readUnknown(
      ByteBuffer values, int valuesOffset, ByteBuffer presence, int presenceOffset) {
    Arrays.fill(cells, 0);
    evaluate(0);
    writeRow(values, valuesOffset, presence, presenceOffset);
  }

  CustomerDescription describe(byte[] summary, long asOfMs) {
    long moment = load(summary, asOfMs);
    evaluate(moment);
    List<CustomerDescription.FeatureValue> features = new ArrayList<>();
    for (int c = 0; c < selection.size(); c++) {
      Feature feature = selection.features.get(c);
      int step = selection.steps[c];
      float value = present[step] ? (float) results[step] : selection.defaults[c];
      features.add(
          new CustomerDescription.FeatureValue(feature, present[step], value, age(step, moment)));
    }
    List<CustomerDescription.EventSummary> events = new ArrayList<>();
    for (EventLayout layout : selection.plan.layouts()) {
      TypeCells type = selection.types[layout.index()];
      long count = cells[TypeCells.count(type.lifetime())];
      if (count > 0) {
        events.add(
            new CustomerDescription.EventSummary(
                layout.name(), count, cells[type.firstMs()], cells[type.lastMs()]));
      }
    }
    return new CustomerDescription(moment, features, events);
  }

  /** Fills the cells; returns the moment that they hold at. */
  private long load(byte[] summary, long asOfMs) {
    Arrays.fill(cells, 0);
    Packed.check(summary, crc);
    try {
      in.open(summary, Packed.HEADER_BYTES);
      long clockMs = in.signed();
      long moment = Math.max(asOfMs, clockMs);
      int end = openBody(clockMs, moment);
      while (in.position() < end) {
        TypeCells type = selection.types[selection.plan.layoutIndex(in.int64())];
        int sectionEnd = in.blockEnd();
        if (type.used) {
          loadTotals(type);
          loadLabels(type, Days.of(moment));
          loadTiles(type, Days.of(moment));
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

  private void loadTotals(TypeCells type) {
    int slot = type.lifetime();
    long count = loadAggregate(type, slot);
    long lastMs = in.signed();
    cells[type.lastMs()] = lastMs;
    cells[type.firstMs()] = lastMs - in.unsigned();
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
    for (int r = 0; r < selection.dividends.length; r++) {
      int dividend = selection.dividends[r];
      int divisor = selection.divisors[r];
      present[aggregations + r] = present[dividend] && present[divisor] && results[divisor] != 0;
      results[aggregations + r] = results[dividend] / results[divisor];
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

  private OptionalLong age(int step, long moment) {
    int ratio = step - selection.operators.length;
    if (ratio >= 0) {
      OptionalLong dividend = age(selection.dividends[ratio], moment);
      OptionalLong divisor = age(selection.divisors[ratio], moment);
      return dividend.isPresent() && divisor.isPresent()
          ? OptionalLong.of(Math.min(dividend.getAsLong(), divisor.getAsLong()))
          : dividend.isPresent() ? dividend : divisor;
    }
    return cells[selection.countCells[step]] == 0
        ? OptionalLong.empty()
        : OptionalLong.of(moment - cells[selection.aggregationTypes[step].lastMs()]);
  }

  private void writeRow(
      ByteBuffer values, int valuesOffset, ByteBuffer presence, int presenceOffset) {
    Arrays.fill(presenceRow, (byte) 0);
    for (int c = 0; c < selection.steps.length; c++) {
      int step = selection.steps[c];
      boolean exists = present[step];
      FLOAT.set(row, c * Float.BYTES, exists ? (float) results[step] : selection.defaults[c]);
      if (exists) {
        presenceRow[c >> 3] |= (byte) (1 << (c & 7));
      }
    }
    values.put(valuesOffset, row);
    presence.put(presenceOffset, presenceRow);
  }
}
