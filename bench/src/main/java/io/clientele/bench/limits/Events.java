package io.clientele.bench.limits;

import com.google.protobuf.util.Timestamps;
import io.clientele.cli.LoggedEvent;
import io.clientele.cli.SimulatedShop;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.RecordEventsRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Orders that never come twice, of customers whom nothing else asks about, so that what is recorded
 * does not change what is read. Thread-safe.
 */
final class Events {
  private static final int CUSTOMERS = 100_000;
  private static final int DAYS = 90;
  private static final long DAY_MS = Duration.ofDays(1).toMillis();
  private static final int BATCHES_IN_FLIGHT = 16;
  private static final long TIMEOUT_SECONDS = 30;

  private final int batch;
  private final long nowMs = System.currentTimeMillis();
  private final AtomicLong numbers = new AtomicLong();

  /**
   * @param batch events in a message
   */
  Events(int batch) {
    this.batch = batch;
  }

  /** A message of new orders, each of another customer. */
  RecordEventsRequest next() {
    long first = numbers.getAndAdd(batch);
    var request = RecordEventsRequest.newBuilder();
    for (long number = first; number < first + batch; number++) {
      request.addEvents(
          Event.newBuilder()
              .setCustomerId("recorded-" + number % CUSTOMERS)
              .setEventId(Long.toString(number))
              .setType("order")
              .setEventTime(Timestamps.fromMillis(nowMs - number % DAYS * DAY_MS))
              .putMeasures("amount", 10.0 + number % 100)
              .putMeasures("items", 1.0 + number % 3));
    }
    return request.build();
  }

  /** Everything that happened in a shop. */
  static List<RecordEventsRequest> batches(SimulatedShop shop, int batch) {
    List<RecordEventsRequest> batches = new ArrayList<>();
    var filling = RecordEventsRequest.newBuilder();
    shop.forEach(
        event -> {
          filling.addEvents(message(event));
          if (filling.getEventsCount() == batch) {
            batches.add(filling.build());
            filling.clear();
          }
        });
    if (filling.getEventsCount() > 0) {
      batches.add(filling.build());
    }
    return batches;
  }

  private static Event message(LoggedEvent event) {
    return Event.newBuilder()
        .setCustomerId(event.customerId())
        .setEventId(event.eventId())
        .setType(event.type())
        .setEventTime(Timestamps.fromMillis(event.timeMs()))
        .putAllMeasures(event.measures())
        .build();
  }

  /**
   * Makes so many calls, each once.
   *
   * @throws IllegalStateException if one of them fails
   */
  static void send(Call call, int calls) throws InterruptedException {
    var slots = new Semaphore(BATCHES_IN_FLIGHT);
    var failed = new AtomicBoolean();
    for (int number = 0; number < calls && !failed.get(); number++) {
      acquire(slots, 1);
      call.begin(
          number,
          good -> {
            if (!good) {
              failed.set(true);
            }
            slots.release();
          });
    }
    acquire(slots, BATCHES_IN_FLIGHT);
    if (failed.get()) {
      throw new IllegalStateException("the feature store does not take the customers' orders");
    }
  }

  private static void acquire(Semaphore slots, int permits) throws InterruptedException {
    if (!slots.tryAcquire(permits, TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("no answer after " + TIMEOUT_SECONDS + " s");
    }
  }
}
