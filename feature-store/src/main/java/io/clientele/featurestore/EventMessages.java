package io.clientele.featurestore;

import com.google.protobuf.util.Timestamps;
import io.clientele.featurestore.engine.Decoded;
import io.clientele.featurestore.engine.EventDecoder;
import io.clientele.featurestore.engine.Refusal;
import io.clientele.featurestore.v1.Correction;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.Labels;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads events and corrections out of messages. Thread-safe. */
final class EventMessages {
  private static final String EVENT_TIME = "event_time";
  private static final String CORRECTED_AT = "correction.corrected_at";

  private final EventDecoder decoder;

  EventMessages(EventDecoder decoder) {
    this.decoder = decoder;
  }

  /** What the message says, or the first thing that is wrong with it. */
  Decoded decode(Event event) {
    Optional<Refusal> refusal = EventDecoder.checkCustomerId(event.getCustomerId());
    if (refusal.isPresent()) {
      return refusal.get();
    }
    return event.hasCorrection() ? correction(event, event.getCorrection()) : plainEvent(event);
  }

  private Decoded correction(Event event, Correction correction) {
    Optional<Refusal> refusal =
        Moments.check(CORRECTED_AT, correction.hasCorrectedAt(), correction.getCorrectedAt());
    if (refusal.isPresent()) {
      return refusal.get();
    }
    long correctedMs = Timestamps.toMillis(correction.getCorrectedAt());
    return switch (correction.getKind()) {
      case CANCEL -> decoder.decodeCancellation(event.getType(), event.getEventId(), correctedMs);
      case AMEND -> decoder.decodeAmendment(plainEvent(event), correctedMs);
      case KIND_UNSPECIFIED, UNRECOGNIZED ->
          Refusal.of("correction.kind", correction.getKindValue(), "CANCEL or AMEND");
    };
  }

  private Decoded plainEvent(Event event) {
    Optional<Refusal> refusal =
        Moments.check(EVENT_TIME, event.hasEventTime(), event.getEventTime());
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
}
