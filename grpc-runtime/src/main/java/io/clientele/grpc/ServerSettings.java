package io.clientele.grpc;

import java.time.Duration;

/**
 * How a gRPC server starts, listens and stops.
 *
 * @param listen address to bind; port 0 takes a free one
 * @param maxMessageBytes largest request, in bytes
 * @param drainTimeout how long a stop waits for calls in flight before it cancels them
 * @param warmUp longest that the service runs its own path before it says SERVING; zero for not at
 *     all
 */
public record ServerSettings(
    HostPort listen, int maxMessageBytes, Duration drainTimeout, Duration warmUp) {
  public static final int DEFAULT_MAX_MESSAGE_BYTES = 4 << 20;
  public static final Duration DEFAULT_DRAIN_TIMEOUT = Duration.ofSeconds(10);

  /** Without a warm-up. */
  public ServerSettings(HostPort listen, int maxMessageBytes, Duration drainTimeout) {
    this(listen, maxMessageBytes, drainTimeout, Duration.ZERO);
  }

  /** The defaults, on this address, without a warm-up. */
  public static ServerSettings on(HostPort listen) {
    return new ServerSettings(listen, DEFAULT_MAX_MESSAGE_BYTES, DEFAULT_DRAIN_TIMEOUT);
  }
}
