package io.clientele.grpc;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as people write them: {@code 250ms}, {@code 30s}, {@code 5m}, {@code 12h}, {@code 90d}.
 */
public final class Durations {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,12})(us|ms|s|m|h|d)");

  private Durations() {}

  /**
   * @throws IllegalArgumentException with the offending text
   */
  public static Duration parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          text + " (expected: a whole number and us, ms, s, m, h or d, such as 250ms)");
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "us" -> Duration.ofNanos(Math.multiplyExact(amount, 1_000));
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }
}
