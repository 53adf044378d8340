package io.clientele.cli;

import io.clientele.grpc.HostPort;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/** Waits for a server to say SERVING. */
public final class Readiness {
  private Readiness() {}

  /**
   * Returns when the server says SERVING.
   *
   * @throws IllegalStateException if it does not in time, with its address and last word
   */
  public static void await(
      String name, HostPort address, ManagedChannel channel, Duration timeout) {
    ServingStatus last = ServingStatus.UNKNOWN;
    try {
      Iterator<HealthCheckResponse> states =
          HealthGrpc.newBlockingStub(channel)
              .withWaitForReady()
              .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
              .watch(HealthCheckRequest.getDefaultInstance());
      while (states.hasNext()) {
        last = states.next().getStatus();
        if (last == ServingStatus.SERVING) {
          return;
        }
      }
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() != Status.Code.DEADLINE_EXCEEDED) {
        throw e;
      }
    }
    throw new IllegalStateException(
        "%s on %s: %s after %s (expected: SERVING)".formatted(name, address, last, timeout));
  }
}
