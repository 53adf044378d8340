package io.clientele.featurestore.catalog;

/**
 * A named number about a customer.
 *
 * @param defaultValue what stands in for it where it is missing
 */
public record Feature(String name, Formula formula, float defaultValue) {
  private static final int DEFINITION_DIGITS = 16;

  /**
   * A fingerprint of what the feature means, 16 hex digits: of its operator, event type, measure
   * with decimals, dimension with its limit, and window; for a ratio of both parts; for a pushed
   * feature of its group's name, its field's name, type, vocabulary or size, and its element.
   * Neither its own name nor its default is part of it.
   */
  public String definition() {
    return Fingerprint.hex("feature 1 " + formula.canonical()).substring(0, DEFINITION_DIGITS);
  }

  /** What it is, in words, such as {@code count of order over 30d}. */
  public String meaning() {
    return formula.meaning();
  }
}
