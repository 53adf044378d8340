package io.clientele.featurestore;

import com.google.protobuf.util.Timestamps;
import io.clientele.featurestore.catalog.Dimension;
import io.clientele.featurestore.catalog.EventType;
import io.clientele.featurestore.catalog.Measure;
import io.clientele.featurestore.engine.CustomerState;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.PackedState;
import io.clientele.featurestore.store.StoredState;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.Labels;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Somebody who has done everything that a catalog counts, and who does not exist: for a warm-up,
 * which reads and folds as for a real customer and touches none. Thread-safe.
 */
final class MadeUpCustomer {
  static final int EVENTS = 4; // of each type
  private static final long DAYS_APART = 20;

  private final FeaturePlan plan;
  private final EventMessages messages;
  private final InstantSource clock;
  private final List<Event> last; // none of a catalog that counts no events
  private final PackedState before;

  /**
   * @param clock whose past the events are in
   */
  MadeUpCustomer(FeaturePlan plan, InstantSource clock) {
    this.plan = plan;
    this.clock = clock;
    messages = new EventMessages(plan.decoder());
    List<Event> events =
        plan.catalog().eventTypes().stream()
            .flatMap(type -> IntStream.range(0, EVENTS).mapToObj(number -> event(type, number)))
            .toList();
    int earlier = Math.max(0, events.size() - 1);
    last = events.subList(earlier, events.size());
    int tail = Math.max(0, earlier - 1);
    CustomerState state = CustomerState.empty(plan);
    events.subList(0, tail).forEach(event -> fold(event, state));
    CustomerState written = unpacked(state.encode());
    events.subList(tail, earlier).forEach(event -> fold(event, written));
    before = written.update();
  }

  private Event event(EventType type, int number) {
    long daysAgo = (EVENTS - number) * DAYS_APART;
    Event.Builder event =
        Event.newBuilder()
            .setCustomerId("warm-up")
            .setEventId(type.name() + number)
            .setType(type.name())
            .setEventTime(
                Timestamps.fromMillis(clock.millis() - Duration.ofDays(daysAgo).toMillis()));
    for (Measure measure : type.measures()) {
      event.putMeasures(measure.name(), 1.0 + number);
    }
    for (Dimension dimension : type.dimensions()) {
      event.putDimensions(
          dimension.name(), Labels.newBuilder().addValues("label" + number % 2).build());
    }
    return event.build();
  }

  private void fold(Event event, CustomerState state) {
    if (messages.decode(event) instanceof io.clientele.featurestore.engine.Event valid) {
      var _ = state.fold(valid, clock.millis());
    }
  }

  /** What would be held of the customer; the last event is folded into what was held before. */
  StoredState state() {
    CustomerState state = unpacked(before);
    last.forEach(event -> fold(event, state));
    return StoredState.of(1, state.update());
  }

  private CustomerState unpacked(PackedState packed) {
    return CustomerState.decode(plan, packed.summary(), packed.ledger(), packed.tail());
  }
}
