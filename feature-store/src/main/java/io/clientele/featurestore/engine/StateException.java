package io.clientele.featurestore.engine;

/**
 * A customer's packed state cannot be read: it is damaged, or was written under other event types.
 */
public final class StateException extends RuntimeException {
  StateException(String message) {
    super(message);
  }
}
