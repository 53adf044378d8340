package io.clientele.cli;

import io.clientele.featurestore.catalog.EventType;
import io.clientele.featurestore.engine.Change;
import io.clientele.featurestore.engine.EventDecoder;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.Rebuild;
import io.clientele.featurestore.engine.Refusal;
import io.clientele.featurestore.engine.Verdict;
import io.clientele.featurestore.store.CustomerChanges;
import io.clientele.featurestore.store.CustomerStore;
import io.clientele.featurestore.store.Recorded;
import io.clientele.grpc.PreconditionException;
import io.clientele.grpc.UnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/**
 * Rebuilds customers from an event log, a batch of them at a time. Each customer is swapped at
 * once: whoever reads meanwhile sees the former state or the new one. While Redis is away, it waits
 * for it, up to a minute. For one thread.
 */
final class Reindex {
  private static final int BATCH_EVENTS = 2_000;
  private static final int ATTEMPTS = 30;
  private static final Duration PAUSE = Duration.ofSeconds(2);
  private static final int REASONS_KEPT = 5;

  private final Set<String> types;
  private final CustomerStore store;
  private final LogDecoder decoder;
  private final LongConsumer progress;
  private final List<CustomerChanges> batch = new ArrayList<>();
  private final List<Change> changes = new ArrayList<>();
  private final Map<Verdict, Long> customers = new EnumMap<>(Verdict.class);
  private final List<String> reasons = new ArrayList<>();
  private String customerId = "";
  private int batchEvents;
  private long events;
  private long rejected;
  private long failed;

  /**
   * @param logged types of events in the log: the histories of those that the catalog has are built
   *     anew, others stay as they are
   * @param progress told how many rows have been read, as it grows
   */
  Reindex(FeaturePlan plan, Set<String> logged, CustomerStore store, LongConsumer progress) {
    this.types =
        plan.catalog().eventTypes().stream()
            .map(EventType::name)
            .filter(logged::contains)
            .collect(Collectors.toUnmodifiableSet());
    this.store = store;
    this.decoder = new LogDecoder(plan);
    this.progress = progress;
  }

  /** What became of the customers and rows of the log. */
  record Counts(
      long rebuilt,
      long unchanged,
      long forgotten,
      long failed,
      long events,
      long rejected,
      List<String> reasons) {
    @Override
    public String toString() {
      return "%,d customers rebuilt, %,d as before, %,d forgotten, %,d failed; %,d rows, %,d rejected"
          .formatted(rebuilt, unchanged, forgotten, failed, events, rejected);
    }
  }

  /** Takes a row; those of a customer come together. */
  void add(LoggedEvent row) {
    if (!row.customerId().equals(customerId)) {
      endCustomer();
      customerId = row.customerId();
    }
    events++;
    Optional<Refusal> wrongId = EventDecoder.checkCustomerId(customerId);
    if (wrongId.isPresent()) {
      reject(row, wrongId.get());
      return;
    }
    switch (decoder.decode(row)) {
      case Change change -> changes.add(change);
      case Refusal refusal -> reject(row, refusal);
    }
  }

  /** Writes what is left. */
  Counts finish() {
    endCustomer();
    writeBatch();
    return new Counts(
        customers.getOrDefault(Verdict.APPLIED, 0L),
        customers.getOrDefault(Verdict.DUPLICATE, 0L),
        customers.getOrDefault(Verdict.FORGOTTEN, 0L),
        failed,
        events,
        rejected,
        List.copyOf(reasons));
  }

  private void endCustomer() {
    if (!changes.isEmpty()) {
      batch.add(new CustomerChanges(customerId, List.of(Rebuild.of(types, changes))));
      batchEvents += changes.size();
      changes.clear();
    }
    if (batchEvents >= BATCH_EVENTS) {
      writeBatch();
    }
  }

  private void writeBatch() {
    try {
      count(write(batch));
    } catch (PreconditionException e) {
      // One of them cannot be read: the others can be rebuilt all the same.
      batch.forEach(this::writeAlone);
    }
    batch.clear();
    batchEvents = 0;
    progress.accept(events);
  }

  private void writeAlone(CustomerChanges customer) {
    try {
      count(write(List.of(customer)));
    } catch (PreconditionException e) {
      failed++;
      note(String.valueOf(e.getMessage()));
    }
  }

  private void count(List<Recorded> recorded) {
    for (Recorded one : recorded) {
      customers.merge(one.outcomes().getFirst().verdict(), 1L, Long::sum);
    }
  }

  private List<Recorded> write(List<CustomerChanges> rebuilds) {
    for (int attempt = 1; ; attempt++) {
      boolean patient = attempt < ATTEMPTS;
      try {
        return store.record(rebuilds, () -> false).join();
      } catch (CompletionException e) {
        switch (e.getCause()) {
          case UnavailableException away when patient -> pause(away);
          case RuntimeException known -> throw known;
          case null, default -> throw e;
        }
      }
    }
  }

  private static void pause(UnavailableException away) {
    try {
      TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw away;
    }
  }

  private void reject(LoggedEvent row, Refusal refusal) {
    rejected++;
    note("event %s of customer %s: %s".formatted(row.eventId(), row.customerId(), refusal));
  }

  private void note(String reason) {
    if (reasons.size() < REASONS_KEPT) {
      reasons.add(reason);
    }
  }
}
