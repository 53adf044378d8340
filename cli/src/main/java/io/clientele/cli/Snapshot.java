package io.clientele.cli;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.catalog.Label;
import io.clientele.featurestore.engine.Change;
import io.clientele.featurestore.engine.CorrectedLog;
import io.clientele.featurestore.engine.CustomerReplay;
import io.clientele.featurestore.engine.Event;
import io.clientele.featurestore.engine.EventDecoder;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.Outcome;
import io.clientele.featurestore.engine.Refusal;
import io.clientele.featurestore.engine.Verdict;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Features at past moments, folded from an event log by the engine that serves them, with the
 * labels that came after. For one thread.
 */
final class Snapshot {
  private static final int REASONS_KEPT = 5;

  private final Catalog catalog;
  private final FeaturePlan plan;
  private final List<Instant> asOf;
  private final @Nullable Duration horizon;
  private final Map<Verdict, Long> verdicts = new EnumMap<>(Verdict.class);
  private final List<String> reasons = new ArrayList<>();
  private final LogDecoder decoder;
  private long corrections;

  /**
   * @param asOf moments, ascending
   * @param horizon how far after each moment labels look; null for no labels
   */
  Snapshot(Catalog catalog, List<Instant> asOf, @Nullable Duration horizon) {
    this.catalog = catalog;
    this.plan = FeaturePlan.of(catalog);
    this.decoder = new LogDecoder(plan);
    this.asOf = List.copyOf(asOf);
    this.horizon = horizon;
  }

  /**
   * What came after a moment.
   *
   * @param orders events of the catalog's label type within the horizon
   * @param spend sum of its label measure over them
   */
  record Labels(long orders, double spend) {}

  /** Takes one row a moment and customer who had an event by then. */
  @FunctionalInterface
  interface Sink {
    /**
     * @param values features in catalog order; NaN where missing. Reused for the next row.
     * @param labels null where there is no horizon
     */
    void row(String customerId, Instant asOf, float[] values, @Nullable Labels labels);
  }

  /** Events of one customer after the other, each customer's in the order of time. */
  @FunctionalInterface
  interface EventsByCustomer {
    void forEach(Consumer<LoggedEvent> consumer);
  }

  /** Folds the whole log and hands every row to the sink. */
  void write(EventsByCustomer log, Sink sink) {
    Customers customers = new Customers(sink);
    log.forEach(customers::add);
    customers.finish();
  }

  /** How many events got which verdict. */
  Map<Verdict, Long> verdicts() {
    return verdicts;
  }

  /** How many events are as a correction in the log says. */
  long corrections() {
    return corrections;
  }

  /** The first reasons for which events were refused. */
  List<String> reasons() {
    return reasons;
  }

  /** Gathers one customer's events, then replays them. */
  private final class Customers {
    private final Sink sink;
    private final List<LoggedEvent> events = new ArrayList<>();
    private final float[] values = new float[catalog.features().size()];
    private final CustomerReplay replay;
    private String customerId = "";
    private Labels @Nullable [] labels;

    Customers(Sink sink) {
      this.sink = sink;
      this.replay =
          new CustomerReplay(
              plan, asOf.stream().mapToLong(Instant::toEpochMilli).toArray(), this::row);
    }

    void add(LoggedEvent event) {
      if (!event.customerId().equals(customerId)) {
        finish();
        customerId = event.customerId();
      }
      events.add(event);
    }

    void finish() {
      if (events.isEmpty()) {
        return;
      }
      var refusal = EventDecoder.checkCustomerId(customerId);
      if (refusal.isPresent()) {
        events.forEach(event -> refuse(event, refusal.get()));
      } else {
        replay();
      }
      events.clear();
    }

    private void replay() {
      List<Change> changes = new ArrayList<>();
      for (LoggedEvent event : events) {
        switch (decoder.decode(event)) {
          case Change change -> changes.add(change);
          case Refusal refusal -> refuse(event, refusal);
        }
      }
      CorrectedLog log = CorrectedLog.of(changes);
      corrections += log.corrections().size();
      labels = labels(log.firstOfEachId());
      replay.begin(customerId);
      for (Event event : log.events()) {
        Outcome outcome = replay.add(event);
        count(outcome.verdict());
        if (outcome.refusal() != null) {
          note(
              "%s of customer %s, %s: %s"
                  .formatted(
                      event.what(),
                      customerId,
                      Instant.ofEpochMilli(event.timeMs()),
                      outcome.refusal()));
        }
      }
      replay.end();
    }

    private void row(String customer, int asOfIndex, ByteBuffer row, ByteBuffer presence) {
      ByteBuffer littleEndian = row.duplicate().order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < values.length; i++) {
        boolean present = (presence.get(i >> 3) >> (i & 7) & 1) == 1;
        values[i] = present ? littleEndian.getFloat(Float.BYTES * i) : Float.NaN;
      }
      sink.row(customer, asOf.get(asOfIndex), values, labels == null ? null : labels[asOfIndex]);
    }

    private Labels @Nullable [] labels(List<Event> happened) {
      Label label = catalog.label();
      if (horizon == null || label == null) {
        return null;
      }
      Labels[] all = new Labels[asOf.size()];
      for (int i = 0; i < all.length; i++) {
        all[i] = labels(happened, label, asOf.get(i).toEpochMilli(), horizon.toMillis());
      }
      return all;
    }

    private Labels labels(List<Event> happened, Label label, long fromMs, long horizonMs) {
      double unit = Math.pow(10, label.measure().decimals());
      long orders = 0;
      long scaledSpend = 0;
      for (Event event : happened) {
        boolean within = event.timeMs() > fromMs && event.timeMs() <= fromMs + horizonMs;
        if (within && event.what().equals(label.event().name())) {
          orders++;
          scaledSpend += Math.round(event.measure(label.measure().name()) * unit);
        }
      }
      return new Labels(orders, scaledSpend / unit);
    }
  }

  private void refuse(LoggedEvent event, Refusal refusal) {
    count(Verdict.REJECTED);
    note("event %s of customer %s: %s".formatted(event.eventId(), event.customerId(), refusal));
  }

  private void note(String reason) {
    if (reasons.size() < REASONS_KEPT) {
      reasons.add(reason);
    }
  }

  private void count(Verdict verdict) {
    verdicts.merge(verdict, 1L, Long::sum);
  }
}
