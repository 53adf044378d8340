package io.clientele.featurestore;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.protobuf.util.Timestamps;
import io.clientele.featurestore.v1.LastRefused;
import io.clientele.featurestore.v1.Reason;
import io.clientele.featurestore.v1.Verdict;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * What was refused last of a customer, in this process, within the last hour, for the customers
 * refused most recently. Thread-safe.
 */
final class Refusals {
  private static final int MAX_CUSTOMERS = 10_000;
  private static final Duration MAX_AGE = Duration.ofHours(1);

  /** Of a text that a caller chose. */
  private static final int MAX_CHARACTERS = 256;

  private final InstantSource clock;
  private final Cache<String, LastRefused> last =
      Caffeine.newBuilder().maximumSize(MAX_CUSTOMERS).expireAfterWrite(MAX_AGE).build();

  Refusals(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Takes a refusal, unless it is of nobody that could be asked for: the id is none, or the
   * customer was forgotten.
   *
   * @param what the event's type or the write's group
   */
  void note(String customerId, String what, String source, Verdict verdict, Reason reason) {
    if (verdict == Verdict.FORGOTTEN || reason.getField().equals("customer_id")) {
      return;
    }
    last.put(
        customerId,
        LastRefused.newBuilder()
            .setRefusedAt(Timestamps.fromMillis(clock.millis()))
            .setWhat(shortened(what))
            .setSource(source)
            .setVerdict(verdict)
            .setReason(
                reason.toBuilder()
                    .setField(shortened(reason.getField()))
                    .setMessage(shortened(reason.getMessage())))
            .build());
  }

  Optional<LastRefused> of(String customerId) {
    return Optional.ofNullable(last.getIfPresent(customerId));
  }

  /** Drops what is kept of a customer. */
  void forget(String customerId) {
    last.invalidate(customerId);
  }

  private static String shortened(String text) {
    return text.length() <= MAX_CHARACTERS ? text : text.substring(0, MAX_CHARACTERS) + "…";
  }
}
