package io.clientele.featurestore.engine;

/** A customer's packed state cannot be read: it is damaged, or of another format. */
public final class StateException extends RuntimeException {
  StateException(String message) {
    super(message);
  }
}
