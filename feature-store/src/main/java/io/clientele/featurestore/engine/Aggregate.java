package io.clientele.featurestore.engine;

import java.util.Arrays;

/** How many events, and the sum, least and greatest value of each measure. */
final class Aggregate {
  private long count;
  private final long[] sums;
  private final long[] mins;
  private final long[] maxs;

  Aggregate(int measureCount) {
    this(0, new long[measureCount], new long[measureCount], new long[measureCount]);
  }

  private Aggregate(long count, long[] sums, long[] mins, long[] maxs) {
    this.count = count;
    this.sums = sums;
    this.mins = mins;
    this.maxs = maxs;
  }

  static Aggregate read(PackedReader in, int measureCount) {
    var aggregate = new Aggregate(measureCount);
    aggregate.count = in.unsigned();
    for (int m = 0; m < measureCount; m++) {
      long sum = in.signed();
      aggregate.sums[m] = sum;
      aggregate.mins[m] = aggregate.count > 1 ? in.signed() : sum;
      aggregate.maxs[m] = aggregate.count > 1 ? aggregate.mins[m] + in.unsigned() : sum;
    }
    return aggregate;
  }

  void write(PackedWriter out) {
    out.unsigned(count);
    for (int m = 0; m < sums.length; m++) {
      out.signed(sums[m]);
      if (count > 1) {
        out.signed(mins[m]);
        out.unsigned(maxs[m] - mins[m]);
      }
    }
  }

  long count() {
    return count;
  }

  /** A copy. */
  long[] sums() {
    return Arrays.copyOf(sums, sums.length);
  }

  void add(long[] measures) {
    for (int m = 0; m < sums.length; m++) {
      sums[m] += measures[m];
      mins[m] = count == 0 ? measures[m] : Math.min(mins[m], measures[m]);
      maxs[m] = count == 0 ? measures[m] : Math.max(maxs[m], measures[m]);
    }
    count++;
  }

  Aggregate copy() {
    return new Aggregate(
        count,
        Arrays.copyOf(sums, sums.length),
        Arrays.copyOf(mins, mins.length),
        Arrays.copyOf(maxs, maxs.length));
  }
}
