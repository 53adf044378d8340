package io.clientele.cli;

import io.clientele.featurestore.FeatureStoreServer;
import io.clientele.gateway.GatewayServer;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.ServerProcess;
import io.clientele.scorer.ScorerServer;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The three services in one JVM, each behind its port and wired as in three, but for the gateway's
 * calls to the other two, which do not leave the process. Starts them in the order in which they
 * need each other, and stops them in reverse.
 */
final class LocalPlatform implements AutoCloseable {
  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private final Metrics metrics;
  private final FeatureStoreServer featureStore;
  private final ScorerServer scorer;
  private final GatewayServer gateway;

  LocalPlatform(PlatformSettings settings) {
    try {
      metrics = start(Metrics.start(settings.metrics()));
      featureStore = start(FeatureStoreServer.start(settings.featureStore(), metrics));
      scorer = start(ScorerServer.start(settings.scorer(), metrics));
      gateway =
          start(
              GatewayServer.start(
                  settings.gateway(featureStore.address(), scorer.address()),
                  featureStore.openInProcess(),
                  scorer.openInProcess(),
                  metrics));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** The bound addresses. */
  PlatformSettings.Addresses addresses() {
    return new PlatformSettings.Addresses(
        gateway.address(), featureStore.address(), scorer.address(), metrics.address());
  }

  /** The last one to serve. */
  ServerProcess.Running gateway() {
    return gateway;
  }

  private <T extends AutoCloseable> T start(T part) {
    started.push(part);
    return part;
  }

  @Override
  public void close() {
    Closing.all(started);
  }
}
