package io.clientele.featurestore.store;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of Redis, or the version of Redis that a Valkey says it is compatible with.
 *
 * @param major such as 7
 * @param minor such as 0
 */
record RedisVersion(int major, int minor) implements Comparable<RedisVersion> {
  /** The oldest that this store works on. */
  static final RedisVersion MINIMUM = new RedisVersion(6, 2);

  private static final Comparator<RedisVersion> ORDER =
      Comparator.comparingInt(RedisVersion::major).thenComparingInt(RedisVersion::minor);
  private static final Pattern NUMBERS =
      Pattern.compile("(?:\\bv=|redis_version:)(\\d{1,6})\\.(\\d{1,6})");

  /** Finds it in what {@code redis-server --version} prints or {@code INFO server} answers. */
  static Optional<RedisVersion> find(String text) {
    Matcher matcher = NUMBERS.matcher(text);
    return matcher.find()
        ? Optional.of(
            new RedisVersion(
                Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
        : Optional.empty();
  }

  boolean isAtLeast(RedisVersion other) {
    return compareTo(other) >= 0;
  }

  @Override
  public int compareTo(RedisVersion other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
