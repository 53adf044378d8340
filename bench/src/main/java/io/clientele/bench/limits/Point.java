package io.clientele.bench.limits;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * One scenario under one load, measured once a round: figures are medians over rounds.
 *
 * @param inFlight calls in flight; 0 for a fixed rate of half the most of the same round
 */
record Point(Scenario scenario, int inFlight, List<Round> rounds) {
  static final int HALF = 0;

  Point {
    rounds = List.copyOf(rounds);
  }

  double figure(ToDoubleFunction<Round> figure) {
    return median(rounds.stream().mapToDouble(figure).toArray());
  }

  /** The figure over another point's of the same round. */
  double ratio(ToDoubleFunction<Round> figure, Point base) {
    return median(
        IntStream.range(0, rounds.size())
            .mapToDouble(
                i -> figure.applyAsDouble(rounds.get(i)) / figure.applyAsDouble(base.rounds.get(i)))
            .toArray());
  }

  long errors() {
    return rounds.stream().mapToLong(round -> round.outcome().errors()).sum();
  }

  static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
