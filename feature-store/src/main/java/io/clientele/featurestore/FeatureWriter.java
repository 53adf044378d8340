package io.clientele.featurestore;

import com.google.protobuf.util.Timestamps;
import io.clientele.featurestore.engine.DecodedWrite;
import io.clientele.featurestore.engine.EventDecoder;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.FieldValue;
import io.clientele.featurestore.engine.GroupDecoder;
import io.clientele.featurestore.engine.GroupWrite;
import io.clientele.featurestore.engine.Refusal;
import io.clientele.featurestore.store.CustomerStore;
import io.clientele.featurestore.v1.FeatureValue;
import io.clientele.featurestore.v1.FeatureWrite;
import io.clientele.featurestore.v1.Reason;
import io.clientele.featurestore.v1.WriteFeaturesRequest;
import io.clientele.featurestore.v1.WriteFeaturesResponse;
import io.clientele.grpc.InvalidRequestException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** Writes batches of groups and says what became of each. Thread-safe. */
final class FeatureWriter {
  static final int MAX_WRITES = 1_000;

  private final GroupDecoder decoder;
  private final CustomerStore store;
  private final VerdictCounts counts;
  private final Refusals refusals;

  FeatureWriter(FeaturePlan plan, CustomerStore store, VerdictCounts counts, Refusals refusals) {
    decoder = plan.groupDecoder();
    this.store = store;
    this.counts = counts;
    this.refusals = refusals;
  }

  /**
   * @throws InvalidRequestException if the batch is too large, or its source too long
   */
  CompletableFuture<WriteFeaturesResponse> write(
      WriteFeaturesRequest request, BooleanSupplier abandoned) {
    if (request.getWritesCount() > MAX_WRITES) {
      throw new InvalidRequestException(
          "writes", request.getWritesCount() + " writes (expected: at most " + MAX_WRITES + ")");
    }
    Sources.check(request.getSource());
    var recording = new Recording(request.getWritesCount());
    for (int i = 0; i < request.getWritesCount(); i++) {
      FeatureWrite write = request.getWrites(i);
      switch (decode(write, request.getSource())) {
        case Refusal refusal -> recording.refuse(i, refusal);
        case GroupWrite valid -> recording.add(i, write.getCustomerId(), valid);
      }
    }
    return recording.run(store, abandoned).thenApply(done -> response(request, done));
  }

  private DecodedWrite decode(FeatureWrite write, String source) {
    Optional<Refusal> refusal =
        EventDecoder.checkCustomerId(write.getCustomerId())
            .or(() -> Moments.check("event_time", write.hasEventTime(), write.getEventTime()));
    return refusal.isPresent()
        ? refusal.get()
        : decoder.decode(
            write.getGroup(),
            Timestamps.toMillis(write.getEventTime()),
            values(write.getValuesMap()),
            source);
  }

  private static Map<String, FieldValue> values(Map<String, FeatureValue> messages) {
    Map<String, FieldValue> values = HashMap.newHashMap(messages.size());
    messages.forEach((field, value) -> values.put(field, value(value)));
    return values;
  }

  private static FieldValue value(FeatureValue value) {
    return switch (value.getKindCase()) {
      case NUMBER -> new FieldValue.Numeric(value.getNumber());
      case LABEL -> new FieldValue.Label(value.getLabel());
      case EMBEDDING -> new FieldValue.Embedding(value.getEmbedding().getValuesList());
      case KIND_NOT_SET -> new FieldValue.Nothing();
    };
  }

  private WriteFeaturesResponse response(WriteFeaturesRequest request, Recording recording) {
    var response = WriteFeaturesResponse.newBuilder().setSequence(request.getSequence());
    for (int i = 0; i < request.getWritesCount(); i++) {
      FeatureWrite write = request.getWrites(i);
      counts.count(write.getGroup(), recording.outcome(i).verdict());
      response.addVerdicts(recording.verdict(i)).addFeatureVersions(recording.version(i));
      Reason reason = recording.reason(i);
      if (reason != null) {
        response.addReasons(reason);
        refusals.note(
            write.getCustomerId(),
            write.getGroup(),
            request.getSource(),
            recording.verdict(i),
            reason);
      }
    }
    return response.build();
  }
}
