package io.clientele.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;

/** Moments as people write them on a command line. */
final class AsOf {
  private AsOf() {}

  /**
   * Reads an instant, such as {@code 1997-12-31T12:00:00Z}, or a date, which stands for the last
   * millisecond of that day in UTC.
   *
   * @throws IllegalArgumentException with the offending text
   */
  static Instant parse(String text) {
    try {
      return text.indexOf('T') >= 0
          ? Instant.parse(text)
          : LocalDate.parse(text)
              .plusDays(1)
              .atStartOfDay(ZoneOffset.UTC)
              .toInstant()
              .minus(Duration.ofMillis(1));
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          text
              + " (expected: a date, such as 1997-12-31, or an instant, such as"
              + " 1997-12-31T12:00:00Z)",
          e);
    }
  }
}
