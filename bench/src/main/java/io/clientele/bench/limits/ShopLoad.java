package io.clientele.bench.limits;

import com.google.protobuf.util.Timestamps;
import io.clientele.bench.limits.Processes.Service;
import io.clientele.cli.LoggedEvent;
import io.clientele.cli.SimulatedShop;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.RecordEventsRequest;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Everything that happened in a simulated shop, on its way to a feature store, once. */
final class ShopLoad {
  private static final int BATCH = 500;
  private static final int BATCHES_IN_FLIGHT = 16;
  private static final long TIMEOUT_SECONDS = 30;

  private final Call call;
  private final Semaphore slots = new Semaphore(BATCHES_IN_FLIGHT);
  private final AtomicBoolean failed = new AtomicBoolean();
  private final RecordEventsRequest.Builder filling = RecordEventsRequest.newBuilder();
  private long messages;
  private long events;

  private ShopLoad(Service featureStore) {
    call =
        Events.call(
            featureStore, ScoreScenarios.streams(BATCHES_IN_FLIGHT), number -> filling.build());
  }

  /**
   * Records the events of all of a shop's customers but the first.
   *
   * @param skipped how many customers' events are not sent, as they were before
   * @return events sent
   * @throws IllegalStateException if the store takes one of them not, or does not answer
   */
  static long record(Service featureStore, SimulatedShop shop, int skipped) {
    var load = new ShopLoad(featureStore);
    try (load.call) {
      String firstWanted = Scenarios.id(skipped);
      shop.forEach(
          event -> {
            if (event.customerId().compareTo(firstWanted) >= 0) {
              load.add(event);
            }
          });
      load.finish();
      return load.events;
    }
  }

  private void add(LoggedEvent event) {
    events++;
    filling.addEvents(
        Event.newBuilder()
            .setCustomerId(event.customerId())
            .setEventId(event.eventId())
            .setType(event.type())
            .setEventTime(Timestamps.fromMillis(event.timeMs()))
            .putAllMeasures(event.measures()));
    if (filling.getEventsCount() == BATCH) {
      send();
    }
  }

  private void send() {
    acquire(1);
    call.begin(
        messages++,
        good -> {
          if (!good) {
            failed.set(true);
          }
          slots.release();
        });
    filling.clear();
  }

  private void finish() {
    if (filling.getEventsCount() > 0) {
      send();
    }
    acquire(BATCHES_IN_FLIGHT);
  }

  private void acquire(int permits) {
    boolean answered = false;
    try {
      answered = slots.tryAcquire(permits, TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!answered || failed.get()) {
      throw new IllegalStateException("the feature store does not take the customers' events");
    }
  }
}
