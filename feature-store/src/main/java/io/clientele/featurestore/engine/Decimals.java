package io.clientele.featurestore.engine;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Decimal numbers as whole numbers of 10^-decimals. */
final class Decimals {
  /** The greatest magnitude; nine million of them can be summed without overflow. */
  static final long MAX_UNITS = 1_000_000_000_000L;

  private static final double[] SCALES = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};

  private Decimals() {}

  static double scale(int decimals) {
    return SCALES[decimals];
  }

  /** The greatest magnitude that can be told with so many decimals. */
  static double max(int decimals) {
    return MAX_UNITS / SCALES[decimals];
  }

  /**
   * Rounds half to even, taking a double as the shortest decimal that reads back as it: 1.015 with
   * two decimals is 102 units, though the double is a little less.
   *
   * @param value finite, at most {@link #max} in magnitude
   */
  static long units(double value, int decimals) {
    double scaled = value * SCALES[decimals];
    double whole = Math.rint(scaled);
    if (whole / SCALES[decimals] == value) {
      return (long) whole;
    }
    return BigDecimal.valueOf(value)
        .setScale(decimals, RoundingMode.HALF_EVEN)
        .unscaledValue()
        .longValueExact();
  }
}
