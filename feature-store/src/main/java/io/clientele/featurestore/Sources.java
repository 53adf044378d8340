package io.clientele.featurestore;

import io.clientele.featurestore.engine.GroupDecoder;
import io.clientele.grpc.InvalidRequestException;

/** Checks who a caller says to be. */
final class Sources {
  private Sources() {}

  /**
   * @throws InvalidRequestException if it is too long
   */
  static void check(String source) {
    GroupDecoder.checkSource(source)
        .ifPresent(
            refusal -> {
              throw new InvalidRequestException(refusal.field(), refusal.message());
            });
  }
}
