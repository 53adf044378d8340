package io.clientele.featurestore;

import com.google.protobuf.Timestamp;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.Labels;
import io.clientele.featurestore.v1.RecordEventsRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Events of the retail catalog. */
final class TestingEvents {
  static final Instant NOW = Instant.parse("2026-06-30T12:00:00Z");

  private TestingEvents() {}

  static Event.Builder order(String customer, String id, Instant time, double amount) {
    return Event.newBuilder()
        .setCustomerId(customer)
        .setEventId(id)
        .setType("order")
        .setEventTime(timestamp(time))
        .putMeasures("amount", amount)
        .putMeasures("items", 1)
        .putDimensions("category", Labels.newBuilder().addValues("books").build());
  }

  static Event.Builder view(String customer, String id, Instant time) {
    return Event.newBuilder()
        .setCustomerId(customer)
        .setEventId(id)
        .setType("view")
        .setEventTime(timestamp(time));
  }

  static RecordEventsRequest batch(long sequence, List<Event> events) {
    return RecordEventsRequest.newBuilder().setSequence(sequence).addAllEvents(events).build();
  }

  /** A shop's log: orders and views of some customers over the last year, in no order. */
  static List<Event> log(long seed, int customers, int events) {
    var random = new Random(seed);
    var log = new ArrayList<Event>();
    for (int i = 0; i < events; i++) {
      String customer = "customer-" + random.nextInt(customers);
      Instant time = NOW.minus(Duration.ofMinutes(random.nextInt(365 * 24 * 60)));
      log.add(
          random.nextInt(3) == 0
              ? view(customer, "v" + i, time).build()
              : order(customer, "o" + i, time, random.nextInt(10_000) / 100.0).build());
    }
    return log;
  }

  static List<List<Event>> batches(List<Event> events, int size) {
    var batches = new ArrayList<List<Event>>();
    for (int from = 0; from < events.size(); from += size) {
      batches.add(events.subList(from, Math.min(events.size(), from + size)));
    }
    return batches;
  }

  static Timestamp timestamp(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }
}
