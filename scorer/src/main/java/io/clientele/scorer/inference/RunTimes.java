package io.clientele.scorer.inference;

/**
 * How long runs of a model have taken lately, by their number of rows: a moving average for each
 * power of two. Not thread-safe.
 */
final class RunTimes {
  private static final int WEIGHT = 8; // of all before to one run

  /** By the power of two that rows were rounded up to; 0 where there was no run yet. */
  private final long[] averageNs = new long[Integer.SIZE];

  void add(int rows, long elapsedNs) {
    int size = size(rows);
    long before = averageNs[size];
    averageNs[size] = before == 0 ? elapsedNs : before + (elapsedNs - before) / WEIGHT;
  }

  /**
   * How long a run should take; where none was as large, what the next larger ones took. Forever
   * where none was larger either.
   */
  long expectedNs(int rows) {
    for (int size = size(rows); size < averageNs.length; size++) {
      if (averageNs[size] != 0) {
        return averageNs[size];
      }
    }
    return Long.MAX_VALUE;
  }

  private static int size(int rows) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(rows - 1);
  }
}
