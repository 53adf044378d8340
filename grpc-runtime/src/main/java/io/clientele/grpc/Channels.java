package io.clientele.grpc;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.concurrent.TimeUnit;

/** Opens channels to the other services. */
public final class Channels {
  private static final int MAX_MESSAGE_BYTES = 64 << 20;
  private static final int KEEP_ALIVE_SECONDS = 30;

  static {
    EventLoops.size();
  }

  private Channels() {}

  /** A plaintext channel whose callbacks run on its event loop: they must not block. */
  public static ManagedChannel open(HostPort target) {
    return NettyChannelBuilder.forAddress(target.host(), target.port())
        .usePlaintext()
        .directExecutor()
        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
        .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
        .build();
  }

  /** Ends the channel: waits for calls in flight for a second, then cancels them. */
  public static void close(ManagedChannel channel) {
    channel.shutdown();
    try {
      if (!channel.awaitTermination(1, TimeUnit.SECONDS)) {
        channel.shutdownNow();
      }
    } catch (InterruptedException e) {
      channel.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
