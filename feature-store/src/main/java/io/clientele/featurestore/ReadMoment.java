package io.clientele.featurestore;

import com.google.protobuf.util.Timestamps;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.Refusal;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.grpc.InvalidRequestException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * The moment that a read is of.
 *
 * @param ms in milliseconds since 1970 UTC
 * @param chosen whether the caller chose it; else it is now
 */
record ReadMoment(long ms, boolean chosen) {
  private static final String FIELD = "as_of";

  static ReadMoment now(InstantSource clock) {
    return new ReadMoment(clock.millis(), false);
  }

  /**
   * What a request asks for.
   *
   * @throws InvalidRequestException if it is none, before the retention or ahead of the clock
   */
  static ReadMoment of(GetFeaturesRequest request, FeaturePlan plan, InstantSource clock) {
    if (!request.hasAsOf()) {
      return now(clock);
    }
    long nowMs = clock.millis();
    Optional<Refusal> refusal = Moments.check(FIELD, true, request.getAsOf());
    if (refusal.isPresent()) {
      throw new InvalidRequestException(FIELD, refusal.get().message());
    }
    long ms = Timestamps.toMillis(request.getAsOf());
    long earliestMs = plan.retentionStartMs(nowMs);
    long latestMs = nowMs + plan.catalog().futureToleranceMs();
    if (ms < earliestMs || ms > latestMs) {
      throw new InvalidRequestException(
          FIELD,
          Instant.ofEpochMilli(ms)
              + " (expected: "
              + Instant.ofEpochMilli(earliestMs)
              + " to "
              + Instant.ofEpochMilli(latestMs)
              + ")");
    }
    return new ReadMoment(ms, true);
  }
}
