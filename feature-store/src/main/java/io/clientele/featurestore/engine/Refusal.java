package io.clientele.featurestore.engine;

/**
 * Why an event or a write is refused.
 *
 * @param field what is wrong, such as {@code measures.amount}
 * @param message the offending value and the expected one, without the field
 */
public record Refusal(String field, String message) implements Decoded, DecodedWrite {
  /** In the form {@code -1 (expected: >= 0)}. */
  public static Refusal of(String field, Object offending, String expected) {
    return new Refusal(field, offending + " (expected: " + expected + ")");
  }

  /** As a line for a human: the field, and what is wrong with it. */
  @Override
  public String toString() {
    return field + ": " + message;
  }
}
