package io.clientele.cli;

import java.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Events moved in time by whole days: as many as bring the newest one closest to now without being
 * ahead of the clock.
 */
final class ShiftedEvents implements EventSource {
  private final EventSource events;
  private final long days;

  ShiftedEvents(EventSource events, Clock clock) {
    this.events = events;
    this.days = Math.floorDiv(clock.millis() - events.newestTimeMs(), TimeUnit.DAYS.toMillis(1));
  }

  /** By how many days every event is later than it was. */
  long days() {
    return days;
  }

  @Override
  public long size() {
    return events.size();
  }

  @Override
  public long newestTimeMs() {
    return shifted(events.newestTimeMs());
  }

  @Override
  public void forEach(Consumer<LoggedEvent> consumer) {
    events.forEach(
        event ->
            consumer.accept(
                new LoggedEvent(
                    event.customerId(),
                    event.eventId(),
                    event.type(),
                    shifted(event.timeMs()),
                    event.measures(),
                    event.dimensions(),
                    shifted(event.correction()))));
  }

  private @Nullable LoggedCorrection shifted(@Nullable LoggedCorrection correction) {
    return correction == null
        ? null
        : new LoggedCorrection(correction.kind(), shifted(correction.correctedMs()));
  }

  private long shifted(long timeMs) {
    return timeMs + TimeUnit.DAYS.toMillis(days);
  }
}
