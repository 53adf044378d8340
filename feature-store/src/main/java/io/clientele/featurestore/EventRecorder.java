package io.clientele.featurestore;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.clientele.featurestore.engine.Change;
import io.clientele.featurestore.engine.Decoded;
import io.clientele.featurestore.engine.EventDecoder;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.Outcome;
import io.clientele.featurestore.engine.Refusal;
import io.clientele.featurestore.store.CustomerChanges;
import io.clientele.featurestore.store.CustomerStore;
import io.clientele.featurestore.store.Recorded;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.Labels;
import io.clientele.featurestore.v1.Reason;
import io.clientele.featurestore.v1.RecordEventsRequest;
import io.clientele.featurestore.v1.RecordEventsResponse;
import io.clientele.featurestore.v1.Verdict;
import io.clientele.grpc.InvalidRequestException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Records batches of events and says what became of each. Thread-safe. */
final class EventRecorder {
  static final int MAX_EVENTS = 1_000;

  private final EventDecoder decoder;
  private final CustomerStore store;
  private final EventCounts counts;

  EventRecorder(FeaturePlan plan, CustomerStore store, EventCounts counts) {
    decoder = plan.decoder();
    this.store = store;
    this.counts = counts;
  }

  /**
   * @throws InvalidRequestException if the batch is too large
   */
  CompletableFuture<RecordEventsResponse> record(
      RecordEventsRequest request, BooleanSupplier abandoned) {
    if (request.getEventsCount() > MAX_EVENTS) {
      throw new InvalidRequestException(
          "events", request.getEventsCount() + " events (expected: at most " + MAX_EVENTS + ")");
    }
    @Nullable Outcome[] outcomes = new Outcome[request.getEventsCount()];
    Map<String, Group> groups = new LinkedHashMap<>();
    for (int i = 0; i < outcomes.length; i++) {
      Event event = request.getEvents(i);
      switch (decode(event)) {
        case Refusal refusal -> outcomes[i] = Outcome.rejected(refusal);
        case io.clientele.featurestore.engine.Event valid ->
            groups.computeIfAbsent(event.getCustomerId(), Group::new).add(i, valid);
      }
    }
    List<Group> ordered = List.copyOf(groups.values());
    return store
        .record(ordered.stream().map(Group::events).toList(), abandoned)
        .thenApply(recorded -> response(request, outcomes, ordered, recorded));
  }

  private Decoded decode(Event event) {
    Refusal refusal = EventDecoder.checkCustomerId(event.getCustomerId()).orElse(null);
    if (refusal != null) {
      return refusal;
    }
    if (!event.hasEventTime()) {
      return Refusal.of("event_time", "missing", "a time");
    }
    Timestamp time = event.getEventTime();
    if (!Timestamps.isValid(time)) {
      return Refusal.of(
          "event_time",
          time.getSeconds() + " s, " + time.getNanos() + " ns",
          "year 1 to 9999, 0 to 999,999,999 ns");
    }
    return decoder.decode(
        event.getType(),
        event.getEventId(),
        Timestamps.toMillis(time),
        event.getMeasuresMap(),
        labels(event.getDimensionsMap()));
  }

  private static Map<String, List<String>> labels(Map<String, Labels> dimensions) {
    if (dimensions.isEmpty()) {
      return Map.of();
    }
    Map<String, List<String>> labels = HashMap.newHashMap(dimensions.size());
    dimensions.forEach((name, values) -> labels.put(name, values.getValuesList()));
    return labels;
  }

  private RecordEventsResponse response(
      RecordEventsRequest request,
      @Nullable Outcome[] outcomes,
      List<Group> groups,
      List<Recorded> recorded) {
    long[] versions = new long[outcomes.length];
    for (int g = 0; g < groups.size(); g++) {
      groups.get(g).place(recorded.get(g), outcomes, versions);
    }
    var response = RecordEventsResponse.newBuilder().setSequence(request.getSequence());
    for (int i = 0; i < outcomes.length; i++) {
      Outcome outcome = outcomes[i];
      if (outcome == null) {
        throw new IllegalStateException("an event without an outcome");
      }
      counts.count(request.getEvents(i).getType(), outcome.verdict());
      Verdict verdict = verdict(outcome);
      response.addVerdicts(verdict);
      response.addFeatureVersions(verdict == Verdict.REJECTED ? 0 : versions[i]);
      Refusal refusal = outcome.refusal();
      if (refusal != null) {
        response.addReasons(
            Reason.newBuilder()
                .setIndex(i)
                .setField(refusal.field())
                .setMessage(refusal.message()));
      }
    }
    return response.build();
  }

  private static Verdict verdict(Outcome outcome) {
    return switch (outcome.verdict()) {
      case APPLIED -> Verdict.APPLIED;
      case DUPLICATE -> Verdict.DUPLICATE;
      case TOO_OLD -> Verdict.TOO_OLD;
      case REJECTED -> Verdict.REJECTED;
      case STALE -> Verdict.STALE;
      case FORGOTTEN -> Verdict.FORGOTTEN;
    };
  }

  /** One customer's events of a batch, and their places in it. */
  private static final class Group {
    private final String customerId;
    private final List<Change> events = new ArrayList<>();
    private final List<Integer> places = new ArrayList<>();

    Group(String customerId) {
      this.customerId = customerId;
    }

    void add(int place, io.clientele.featurestore.engine.Event event) {
      places.add(place);
      events.add(event);
    }

    CustomerChanges events() {
      return new CustomerChanges(customerId, events);
    }

    void place(Recorded recorded, @Nullable Outcome[] outcomes, long[] versions) {
      for (int i = 0; i < places.size(); i++) {
        outcomes[places.get(i)] = recorded.outcomes().get(i);
        versions[places.get(i)] = recorded.version();
      }
    }
  }
}
