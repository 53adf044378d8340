package io.clientele.featurestore;

import io.clientele.featurestore.engine.EventDecoder;
import io.clientele.grpc.InvalidRequestException;
import java.util.List;

/** Checks the customers' ids of a request. */
final class CustomerIds {
  private CustomerIds() {}

  /**
   * @param field their field in the request
   * @throws InvalidRequestException with the first that is wrong, or where there are none or too
   *     many
   */
  static void check(String field, List<String> ids, int max) {
    if (ids.isEmpty() || ids.size() > max) {
      throw new InvalidRequestException(
          field, ids.size() + " customers (expected: 1 to " + max + ")");
    }
    for (int i = 0; i < ids.size(); i++) {
      check(field, i, ids.get(i));
    }
  }

  private static void check(String field, int index, String id) {
    EventDecoder.checkCustomerId(id)
        .ifPresent(
            refusal -> {
              throw new InvalidRequestException(field + "[" + index + "]", refusal.message());
            });
  }

  /**
   * @throws InvalidRequestException if it is wrong
   */
  static void check(String id) {
    EventDecoder.checkCustomerId(id)
        .ifPresent(
            refusal -> {
              throw new InvalidRequestException(refusal.field(), refusal.message());
            });
  }
}
