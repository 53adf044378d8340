package io.clientele.featurestore.engine;

import java.time.LocalDate;

/** UTC days as whole numbers since 1970-01-01. */
final class Days {
  static final long MS = 86_400_000L;

  private Days() {}

  static long of(long timeMs) {
    return Math.floorDiv(timeMs, MS);
  }

  /** Such as {@code 1997-09-30}. */
  static String text(long day) {
    return LocalDate.ofEpochDay(day).toString();
  }
}
