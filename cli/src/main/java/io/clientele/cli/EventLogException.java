package io.clientele.cli;

/** An event log that cannot be read: the file, what is wrong, what is expected. */
public final class EventLogException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  EventLogException(String message) {
    super(message);
  }

  EventLogException(String message, Throwable cause) {
    super(message, cause);
  }
}
