package io.clientele.featurestore.catalog;

/**
 * A stretch of UTC days that ends with the day of the moment it is read at, up to that moment.
 *
 * @param days how many days, the day of the moment being one; {@link Integer#MAX_VALUE} for all
 */
public record Window(int days) {
  public static final Window LIFETIME = new Window(Integer.MAX_VALUE);

  public Window {
    if (days < 1) {
      throw new IllegalArgumentException("days: " + days + " (expected: >= 1)");
    }
  }

  /** Such as {@code 30d}, or {@code lifetime}. */
  @Override
  public String toString() {
    return equals(LIFETIME) ? "lifetime" : days + "d";
  }
}
