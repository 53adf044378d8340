package io.clientele.featurestore.engine;

import java.time.Instant;

/** Moments as milliseconds since 1970 UTC. */
final class Times {
  private Times() {}

  /** Such as {@code 2026-01-01T12:00:00Z}. */
  static String text(long timeMs) {
    return Instant.ofEpochMilli(timeMs).toString();
  }
}
