package io.clientele.featurestore.engine;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Reads a row of features out of a customer's packed summary and groups, in one pass and without
 * allocation: the summary into cells, columns computed from these, others taken from the groups,
 * and all of them into a row. Holds nothing between rows but scratch space, from which it tells
 * more of the row that it has read last. Not thread-safe.
 *
 * <p>A row is one little-endian float32 a column, the feature's default where it is missing, and
 * presence bits: bit {@code c % 8}, from the lowest, of byte {@code c / 8} is set where column
 * {@code c} is present. Both are written at absolute offsets; the order and the position of the
 * buffers do not matter and do not change.
 *
 * <p>A feature is unanswered where there were events or a write, but the state does not tell any
 * more what it is. It is missing then, too.
 */
public final class FeatureReader {
  private static final byte[] NOTHING = {};
  private static final double MS_PER_SECOND = 1_000;

  /** Of a column without any event or write behind it; greater than every age. */
  static final long NO_AGE = Long.MAX_VALUE;

  private final FeatureSelection selection;
  private final long[] cells;
  private final SummaryReader summaries;
  private final ComputedColumns computed;
  private final PushedColumns pushed;
  private final FeatureRow row;
  private long moment;

  FeatureReader(FeatureSelection selection) {
    var crc = new CRC32C();
    var untold = new UntoldDays(selection.types.length);
    this.selection = selection;
    this.cells = new long[selection.cellCount];
    this.summaries = new SummaryReader(selection, cells, untold, crc);
    this.computed = new ComputedColumns(selection, cells, untold);
    this.pushed = new PushedColumns(selection, crc);
    this.row = new FeatureRow(selection);
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
    moment = summaries.read(summary, asOfMs);
    pushed.open(packedGroups, moment + selection.plan.catalog().futureToleranceMs());
    write(values, valuesOffset, presence, presenceOffset);
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
    moment = summaries.read(summaryAsOf, asOfMs);
    pushed.open(packedGroups, asOfMs);
    write(values, valuesOffset, presence, presenceOffset);
  }

  /** Reads one row of a customer of whom no group is known. */
  public void read(
      byte[] summary,
      long asOfMs,
      ByteBuffer values,
      int valuesOffset,
      ByteBuffer presence,
      int presenceOffset) {
    moment = summaries.read(summary, asOfMs);
    pushed.openNone();
    write(values, valuesOffset, presence, presenceOffset);
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
    read(NOTHING, 0, values, valuesOffset, presence, presenceOffset);
  }

  /** Writes a row of which nothing can be told: every feature is missing. */
  public void readMissing(
      ByteBuffer values, int valuesOffset, ByteBuffer presence, int presenceOffset) {
    readUnknown(values, valuesOffset, presence, presenceOffset);
    row.begin();
    for (int column = 0; column < selection.size(); column++) {
      row.setMissing(column);
    }
    row.copyTo(values, valuesOffset, presence, presenceOffset);
  }

  private void write(ByteBuffer values, int valuesOffset, ByteBuffer presence, int presenceOffset) {
    computed.compute(moment);
    row.begin();
    computed.writeTo(row);
    pushed.writeTo(row);
    row.copyTo(values, valuesOffset, presence, presenceOffset);
  }

  /** Whether any feature of the row is stale. */
  public boolean hasStale() {
    return pushed.hasStale(moment);
  }

  /** Whether a column is stale: it is present, and older than its group's limit of age. */
  public boolean isStale(int column) {
    return pushed.isStale(column, moment);
  }

  /** Sets a bit, as those of presence, for each column that is stale. */
  public void writeStaleness(byte[] staleness, int offset) {
    pushed.writeStaleness(staleness, offset, moment);
  }

  /**
   * Writes the age of each column in seconds, as little-endian float32: since the newest event or
   * write behind it; NaN where there is none.
   */
  public void writeAges(byte[] ages, int offset) {
    for (int column = 0; column < selection.size(); column++) {
      long ageMs = ageMs(column);
      float age = ageMs == NO_AGE ? Float.NaN : (float) (ageMs / MS_PER_SECOND);
      FeatureRow.setFloat(ages, offset, column, age);
    }
  }

  /** Whether some column is unanswered. */
  public boolean hasUnanswered() {
    return pushed.hasUnanswered() || computed.hasUnanswered();
  }

  /** Whether a column is unanswered. */
  public boolean isUnanswered(int column) {
    int step = selection.steps[column];
    return step == FeatureSelection.PUSHED
        ? pushed.isUnanswered(column)
        : computed.isUnanswered(step);
  }

  /** The names of the groups whose bytes are not what was written. */
  public List<String> damagedGroups() {
    return pushed.damagedGroups();
  }

  FeatureSelection selection() {
    return selection;
  }

  /** The moment that the row holds at. */
  long moment() {
    return moment;
  }

  boolean isPresent(int column) {
    return row.isPresent(column);
  }

  float value(int column) {
    return row.value(column);
  }

  long cell(int cell) {
    return cells[cell];
  }

  /** Whether an aggregation or a ratio is unanswered. */
  boolean isUnansweredStep(int step) {
    return computed.isUnanswered(step);
  }

  /** A group by its place in the selection. */
  GroupReader group(int place) {
    return pushed.group(place);
  }

  /** The group of a pushed column. */
  GroupReader groupOf(int column) {
    return pushed.groupOf(column);
  }

  /**
   * Since the newest event or write behind a column, never below 0; {@link #NO_AGE} without one.
   */
  long ageMs(int column) {
    int step = selection.steps[column];
    return step == FeatureSelection.PUSHED
        ? pushed.ageMs(column, moment)
        : computed.ageMs(step, moment);
  }
}
