package io.clientele.bench.memory;

import io.clientele.cli.CdnowSample;
import io.clientele.cli.EventLog;
import io.clientele.cli.LoggedEvent;
import io.clientele.cli.SimulatedShop;
import io.clientele.featurestore.engine.Event;
import io.clientele.featurestore.engine.FeaturePlan;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Customers to be loaded, one after the other, at the moment when their log ends.
 *
 * @param name what to call them
 * @param nowMs the moment, in milliseconds since 1970 UTC
 */
record CustomerLog(String name, long nowMs, Consumer<Consumer<LoggedEvent>> events) {
  private static final Instant SIMULATION_END = Instant.parse("1998-07-01T00:00:00Z");

  /** The orders of the CDNOW sample. */
  static CustomerLog cdnowSample() {
    CdnowSample sample = CdnowSample.load();
    List<LoggedEvent> orders = new ArrayList<>();
    sample.forEach(orders::add);
    orders.sort(
        Comparator.comparing(LoggedEvent::customerId).thenComparingLong(LoggedEvent::timeMs));
    return new CustomerLog("CDNOW sample", end(sample.newestTimeMs()), orders::forEach);
  }

  /** Customers who buy as those of CDNOW did. */
  static CustomerLog simulated(int customers) {
    var settings = SimulatedShop.Settings.cdnow(customers, /* seed= */ 1, SIMULATION_END);
    return new CustomerLog(
        "%,d simulated".formatted(customers),
        SIMULATION_END.toEpochMilli(),
        new SimulatedShop(settings)::forEach);
  }

  /** An event log in a file. */
  static CustomerLog file(Path file, @Nullable Path mapping, FeaturePlan plan) {
    List<LoggedEvent> events = new ArrayList<>();
    try (EventLog log = EventLog.open(file, mapping, plan.catalog())) {
      log.forEach(EventLog.Order.CUSTOMER, events::add);
      return new CustomerLog(
          file.getFileName().toString(), end(log.newestTimeMs()), events::forEach);
    }
  }

  private static long end(long newestTimeMs) {
    return newestTimeMs + Duration.ofDays(1).toMillis();
  }

  /** Hands over every customer; what the engine refuses is left out. */
  void forEach(FeaturePlan plan, Consumer<Customer> consumer) {
    var gathered = new Gathered(plan, consumer);
    events.accept(gathered::add);
    gathered.finish();
  }

  private static final class Gathered {
    private final FeaturePlan plan;
    private final Consumer<Customer> consumer;
    private final List<Event> events = new ArrayList<>();
    private String customerId = "";

    Gathered(FeaturePlan plan, Consumer<Customer> consumer) {
      this.plan = plan;
      this.consumer = consumer;
    }

    void add(LoggedEvent logged) {
      if (!logged.customerId().equals(customerId)) {
        finish();
        customerId = logged.customerId();
      }
      var decoded =
          plan.decoder()
              .decode(
                  logged.type(),
                  logged.eventId(),
                  logged.timeMs(),
                  logged.measures(),
                  logged.dimensions());
      if (decoded instanceof Event event) {
        events.add(event);
      }
    }

    void finish() {
      if (!events.isEmpty() && !customerId.isEmpty()) {
        consumer.accept(new Customer(customerId, events));
      }
      events.clear();
    }
  }
}
