package io.clientele.cli;

import java.util.function.Consumer;

/** Events in the order of their times; a correction has the time when it was made. */
public interface EventSource {
  /** How many there are. */
  long size();

  /** The newest of these times, milliseconds since the epoch; 0 where there is no event. */
  long newestTimeMs();

  /** Hands every event to the consumer, one after the other. */
  void forEach(Consumer<LoggedEvent> consumer);
}
