package io.clientele.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.clientele.grpc.Channels;
import io.clientele.grpc.GrpcServer;
import io.clientele.grpc.HostPort;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.ServerSettings;
import io.grpc.ManagedChannel;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The change feed of a store in the gateway's own process, with no socket between them. */
@Timeout(60)
final class InProcessFeedTest {
  private static final Duration LONG = Duration.ofMinutes(10);

  @Test
  void neverMakesTheStoreWaitForTheGateway() throws Exception {
    var store = new TestingFeatureStore();
    var cache =
        new ScoreCache(new CacheSettings(10, LONG, LONG, LONG, LONG), Ticker.systemTicker());
    try (Metrics metrics = Metrics.start(null);
        GrpcServer server =
            GrpcServer.start(
                "store", ServerSettings.on(new HostPort("127.0.0.1", 0)), metrics, null, store)) {
      ManagedChannel channel = server.openInProcess();
      try (var changes = new FeatureChanges(channel, cache, LONG)) {
        changes.start();
        while (!cache.isFeedLive()) {
          Thread.sleep(5);
        }
        Thread teller = new Thread(() -> store.tellOf("alice", 1), "teller");
        synchronized (changes) { // as while it begins or ends a watch
          teller.start();
          teller.join(Duration.ofSeconds(20));
          assertThat(teller.isAlive()).as("the store waits").isFalse();
        }
        while (changes.count() == 0) {
          Thread.sleep(5);
        }
      } finally {
        Channels.close(channel);
      }
    }
  }
}
