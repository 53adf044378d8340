package io.clientele.featurestore;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.clientele.featurestore.engine.Refusal;
import java.util.Optional;

/** Checks moments that callers give. */
final class Moments {
  private Moments() {}

  /** Why it cannot be used, if so. */
  static Optional<Refusal> check(String field, boolean given, Timestamp moment) {
    if (!given) {
      return Optional.of(Refusal.of(field, "missing", "a time"));
    }
    return Timestamps.isValid(moment)
        ? Optional.empty()
        : Optional.of(
            Refusal.of(
                field,
                moment.getSeconds() + " s, " + moment.getNanos() + " ns",
                "year 1 to 9999, 0 to 999,999,999 ns"));
  }
}
