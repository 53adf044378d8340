package io.clientele.gateway;

import com.google.protobuf.Duration;
import io.clientele.grpc.InvalidRequestException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a caller wants of each customer.
 *
 * @param maxAgeNs a cached score must be younger; 0 for always computed, {@link #GATEWAYS_OWN} for
 *     what the gateway thinks right
 * @param minFeatureVersion a cached score of older features is not used
 */
record ScoreQuery(long maxAgeNs, long minFeatureVersion) {
  static final long GATEWAYS_OWN = -1;
  static final int MAX_ID_BYTES = 256;
  static final int MAX_CUSTOMERS = 1_000;
  private static final long NS_PER_S = 1_000_000_000;

  ScoreQuery {
    if (minFeatureVersion < 0) {
      throw new InvalidRequestException(
          "min_feature_version", minFeatureVersion + " (expected: >= 0)");
    }
  }

  /**
   * Reads the age that a request asks for.
   *
   * @param asked null for the gateway's own
   * @throws InvalidRequestException for a negative age
   */
  static long maxAgeNs(@Nullable Duration asked) {
    if (asked == null) {
      return GATEWAYS_OWN;
    }
    if (asked.getSeconds() < 0 || asked.getNanos() < 0 || asked.getNanos() >= NS_PER_S) {
      throw new InvalidRequestException(
          "max_age",
          asked.getSeconds() + "s " + asked.getNanos() + "ns (expected: a duration >= 0s)");
    }
    // No cache keeps what a long of nanoseconds cannot count.
    return asked.getSeconds() >= Long.MAX_VALUE / NS_PER_S
        ? Long.MAX_VALUE
        : asked.getSeconds() * NS_PER_S + asked.getNanos();
  }

  /** Whether this is a customer id: 1 to 256 bytes of UTF-8. */
  static boolean isId(String customer) {
    // A char is at most three bytes, so most ids need not be encoded.
    return !customer.isEmpty()
        && (customer.length() <= MAX_ID_BYTES / 3 || bytes(customer) <= MAX_ID_BYTES);
  }

  /**
   * What to say of a string that is no id.
   *
   * @param field its place in the request
   */
  static InvalidRequestException badId(String field, String customer) {
    return new InvalidRequestException(
        field, "length: %d bytes (expected: 1..%d)".formatted(bytes(customer), MAX_ID_BYTES));
  }

  private static int bytes(String customer) {
    return customer.getBytes(StandardCharsets.UTF_8).length;
  }

  /**
   * @throws InvalidRequestException for no customer or too many
   */
  static void checkCount(int customers) {
    if (customers < 1 || customers > MAX_CUSTOMERS) {
      throw new InvalidRequestException(
          "customer_ids", "count: %d (expected: 1..%d)".formatted(customers, MAX_CUSTOMERS));
    }
  }
}
