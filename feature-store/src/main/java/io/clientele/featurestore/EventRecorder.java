package io.clientele.featurestore;

import io.clientele.featurestore.engine.Change;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.Refusal;
import io.clientele.featurestore.store.CustomerStore;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.Reason;
import io.clientele.featurestore.v1.RecordEventsRequest;
import io.clientele.featurestore.v1.RecordEventsResponse;
import io.clientele.grpc.InvalidRequestException;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** Records batches of events and says what became of each. Thread-safe. */
final class EventRecorder {
  static final int MAX_EVENTS = 1_000;

  private final EventMessages messages;
  private final CustomerStore store;
  private final VerdictCounts counts;
  private final Refusals refusals;

  EventRecorder(FeaturePlan plan, CustomerStore store, VerdictCounts counts, Refusals refusals) {
    messages = new EventMessages(plan.decoder());
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
      switch (messages.decode(event)) {
        case Refusal refusal -> recording.refuse(i, refusal);
        case Change valid -> recording.add(i, event.getCustomerId(), valid);
      }
    }
    return recording.run(store, abandoned).thenApply(done -> response(request, done));
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
