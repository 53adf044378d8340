package io.clientele.featurestore.catalog;

import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The texts that a catalog's values are written as. Each says what is wrong by an
 * IllegalArgumentException.
 */
final class CatalogValues {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,63}");
  private static final Pattern DAYS = Pattern.compile("([0-9]{1,5})d");
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");
  private static final Pattern RECENT = Pattern.compile("[0-9]{1,9}");

  private CatalogValues() {}

  static String name(String text) {
    if (!NAME.matcher(text).matches()) {
      throw wrong(text, "a name of lower-case letters, digits and _, at most 64, a letter first");
    }
    return text;
  }

  /** Whole days of at least one, such as {@code 30d}. */
  static int days(String text) {
    Matcher matcher = DAYS.matcher(text);
    int days = matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
    if (days < 1) {
      throw wrong(text, "days of at least 1d, such as 30d");
    }
    return days;
  }

  static Window window(String text) {
    return text.equals("lifetime") ? Window.LIFETIME : new Window(days(text));
  }

  /** A duration such as {@code 5m}, in milliseconds. */
  static long durationMs(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw wrong(text, "a duration such as 500ms, 30s, 5m, 1h or 2d");
    }
    TimeUnit unit =
        switch (matcher.group(2)) {
          case "ms" -> TimeUnit.MILLISECONDS;
          case "s" -> TimeUnit.SECONDS;
          case "m" -> TimeUnit.MINUTES;
          case "h" -> TimeUnit.HOURS;
          default -> TimeUnit.DAYS;
        };
    return unit.toMillis(Long.parseLong(matcher.group(1)));
  }

  static int between(String text, int least, int most) {
    int value = RECENT.matcher(text).matches() ? Integer.parseInt(text) : -1;
    if (value < least || value > most) {
      throw wrong(text, "a whole number from " + least + " to " + most);
    }
    return value;
  }

  static float defaultValue(String text) {
    float value;
    try {
      value = Float.parseFloat(text);
    } catch (NumberFormatException e) {
      throw wrong(text, "a number");
    }
    if (!Float.isFinite(value)) {
      throw wrong(text, "a finite number");
    }
    return value;
  }

  private static IllegalArgumentException wrong(String text, String expected) {
    return new IllegalArgumentException(text + " (expected: " + expected + ")");
  }
}
