package io.clientele.grpc;

import java.time.Duration;

/**
 * How a gRPC server listens and stops.
 *
 * @param listen address to bind; port 0 takes a free one
 * @param maxMessageBytes largest request, in bytes
 * @param drainTimeout how long a stop waits for calls in flight before it cancels them
 */
public record ServerSettings(HostPort listen, int maxMessageBytes, Duration drainTimeout) {
  public static final int DEFAULT_MAX_MESSAGE_BYTES = 4 << 20;
  public static final Duration DEFAULT_DRAIN_TIMEOUT = Duration.ofSeconds(10);

  /** The defaults, on this address. */
  public static ServerSettings on(HostPort listen) {
    return new ServerSettings(listen, DEFAULT_MAX_MESSAGE_BYTES, DEFAULT_DRAIN_TIMEOUT);
  }
}
