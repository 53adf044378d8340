package io.clientele.cli;

import java.util.function.Consumer;

/** Events in the order of their times. */
public interface EventSource {
  /** How many there are. */
  long size();

  /** The newest event time, milliseconds since the epoch; 0 where there is no event. */
  long newestTimeMs();

  /** Hands every event to the consumer, one after the other. */
  void forEach(Consumer<LoggedEvent> consumer);
}
