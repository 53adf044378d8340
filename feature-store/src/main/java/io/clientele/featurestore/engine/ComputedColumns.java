package io.clientele.featurestore.engine;

/**
 * The columns that follow from events: aggregations, each from its cells, and ratios of them. A
 * step is one of these, as in {@link FeatureSelection#steps}. Not thread-safe.
 *
 * <p>Values are computed from exact whole numbers in double precision and rounded to float once.
 */
final class ComputedColumns {
  private final FeatureSelection selection;
  private final long[] cells;
  private final UntoldDays untold;
  private final double[] results;
  private final boolean[] present;

  /** Whether a step is not told; holds only where anything is untold. */
  private final boolean[] unanswered;

  /**
   * @param cells what a {@link SummaryReader} has read
   * @param untold what it could not read
   */
  ComputedColumns(FeatureSelection selection, long[] cells, UntoldDays untold) {
    this.selection = selection;
    this.cells = cells;
    this.untold = untold;
    int steps = selection.operators.length + selection.dividends.length;
    this.results = new double[steps];
    this.present = new boolean[steps];
    this.unanswered = new boolean[steps];
  }

  /** Computes every step from the cells, which hold at a moment. */
  void compute(long momentMs) {
    int aggregations = selection.operators.length;
    for (int step = 0; step < aggregations; step++) {
      aggregate(step, momentMs);
    }
    if (untold.any()) {
      leaveUnanswered(Days.of(momentMs));
    }
    for (int r = 0; r < selection.dividends.length; r++) {
      int dividend = selection.dividends[r];
      int divisor = selection.divisors[r];
      present[aggregations + r] = present[dividend] && present[divisor] && results[divisor] != 0;
      results[aggregations + r] = results[dividend] / results[divisor];
    }
  }

  private void aggregate(int step, long momentMs) {
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
      case RECENCY, TENURE -> result = (double) (momentMs - cell) / Days.MS;
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

  /** Takes back what follows from less than it should. */
  private void leaveUnanswered(long today) {
    int aggregations = selection.operators.length;
    for (int step = 0; step < aggregations; step++) {
      unanswered[step] =
          untold.isReachedBy(selection.aggregationTypes[step], selection.tileDays[step], today);
      present[step] &= !unanswered[step];
    }
    for (int r = 0; r < selection.dividends.length; r++) {
      unanswered[aggregations + r] =
          unanswered[selection.dividends[r]] || unanswered[selection.divisors[r]];
    }
  }

  void writeTo(FeatureRow row) {
    int[] steps = selection.steps;
    for (int column = 0; column < steps.length; column++) {
      int step = steps[column];
      if (step != FeatureSelection.PUSHED) {
        if (present[step]) {
          row.set(column, (float) results[step]);
        } else {
          row.setMissing(column);
        }
      }
    }
  }

  /** Whether some column is unanswered. */
  boolean hasUnanswered() {
    if (untold.any()) {
      for (int step : selection.steps) {
        if (step != FeatureSelection.PUSHED && unanswered[step]) {
          return true;
        }
      }
    }
    return false;
  }

  boolean isUnanswered(int step) {
    return untold.any() && unanswered[step];
  }

  /** Since the newest event behind a step; {@link FeatureReader#NO_AGE} without one. */
  long ageMs(int step, long momentMs) {
    int ratio = step - selection.operators.length;
    if (ratio >= 0) {
      return Math.min(
          ageMs(selection.dividends[ratio], momentMs), ageMs(selection.divisors[ratio], momentMs));
    }
    return cells[selection.countCells[step]] == 0
        ? FeatureReader.NO_AGE
        : momentMs - cells[selection.aggregationTypes[step].lastMs()];
  }
}
