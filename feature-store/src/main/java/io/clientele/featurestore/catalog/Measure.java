package io.clientele.featurestore.catalog;

/**
 * A number that every event of a type carries. It is kept as an exact whole number of 10^-decimals,
 * so that sums do not depend on the order of events.
 *
 * @param name unique within the event type
 * @param decimals digits kept after the decimal point, 0 to 6; further ones are rounded half to
 *     even
 * @param unit for humans, such as {@code currency}; empty if there is none
 */
public record Measure(String name, int decimals, String unit) {
  static final int MAX_DECIMALS = 6;

  String canonical() {
    return name + ":" + decimals;
  }
}
