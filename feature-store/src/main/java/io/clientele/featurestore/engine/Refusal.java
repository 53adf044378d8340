package io.clientele.featurestore.engine;

/**
 * Why an event is refused.
 *
 * @param field what is wrong, such as {@code measures.amount}
 * @param message the offending value and the expected one
 */
public record Refusal(String field, String message) implements Decoded {
  static Refusal of(String field, Object offending, String expected) {
    return new Refusal(field, field + ": " + offending + " (expected: " + expected + ")");
  }
}
