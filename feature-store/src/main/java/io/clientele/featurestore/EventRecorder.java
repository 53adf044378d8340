package io.clientele.featurestore;

import com.google.protobuf.util.Timestamps;
import io.clientele.featurestore.engine.Decoded;
import io.clientele.featurestore.engine.EventDecoder;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.Refusal;
import io.clientele.featurestore.store.CustomerStore;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.Labels;
import io.clientele.featurestore.v1.Reason;
import io.clientele.featurestore.v1.RecordEventsRequest;
import io.clientele.featurestore.v1.RecordEventsResponse;
import io.clientele.grpc.InvalidRequestException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** Records batches of events and says what became of each. Thread-safe. */
final class EventRecorder {
  static final int MAX_EVENTS = 1_000;

  private final EventDecoder decoder;
  private final CustomerStore store;
  private final VerdictCounts counts;
  private final Refusals refusals;

  EventRecorder(FeaturePlan plan, CustomerStore store, VerdictCounts counts, Refusals refusals) {
    decoder = plan.decoder();
    this.store = store;
    this.counts = counts;
    this.refusals = refusals;
  }

  /**
   * @throws InvalidRequestException if the batch is too large, or its source too long
   */
  CompletableFuture<RecordEventsResponse> record(
      RecordEventsRequest request, BooleanSupplier abandoned) {
    if (request.getEventsCount() > MAX_EVENTS) {
      throw new InvalidRequestException(
          "events", request.getEventsCount() + " events (expected: at most " + MAX_EVENTS + ")");
    }
    Sources.check(request.getSource());
    var recording = new Recording(request.getEventsCount());
    for (int i = 0; i < request.getEventsCount(); i++) {
      Event event = request.getEvents(i);
      switch (decode(event)) {
        case Refusal refusal -> recording.refuse(i, refusal);
        case io.clientele.featurestore.engine.Event valid ->
            recording.add(i, event.getCustomerId(), valid);
      }
    }
    return recording.run(store, abandoned).thenApply(done -> response(request, done));
  }

  private Decoded decode(Event event) {
    Optional<Refusal> refusal =
        EventDecoder.checkCustomerId(event.getCustomerId())
            .or(() -> Moments.check("event_time", event.hasEventTime(), event.getEventTime()));
    return refusal.isPresent()
        ? refusal.get()
        : decoder.decode(
            event.getType(),
            event.getEventId(),
            Timestamps.toMillis(event.getEventTime()),
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

  private RecordEventsResponse response(RecordEventsRequest request, Recording recording) {
    var response = RecordEventsResponse.newBuilder().setSequence(request.getSequence());
    for (int i = 0; i < request.getEventsCount(); i++) {
      Event event = request.getEvents(i);
      counts.count(event.getType(), recording.outcome(i).verdict());
      response.addVerdicts(recording.verdict(i)).addFeatureVersions(recording.version(i));
      Reason reason = recording.reason(i);
      if (reason != null) {
        response.addReasons(reason);
        refusals.note(
            event.getCustomerId(),
            event.getType(),
            request.getSource(),
            recording.verdict(i),
            reason);
      }
    }
    return response.build();
  }
}
