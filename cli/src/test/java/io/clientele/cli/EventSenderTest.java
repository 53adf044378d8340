package io.clientele.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.featurestore.store.RedisProcess;
import io.clientele.featurestore.v1.FeatureNames;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import io.clientele.featurestore.v1.Verdict;
import io.clientele.grpc.Channels;
import io.clientele.grpc.HostPort;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class EventSenderTest {
  private static final int KILLED_AFTER_EVENTS = 1_500;
  private static final int BATCH = 1_000;

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final ShiftedEvents orders = new ShiftedEvents(CdnowSample.load(), Clock.systemUTC());
  @TempDir private Path folder = Path.of("");

  @AfterEach
  void stop() {
    Closing.all(parts);
  }

  @Test
  void getsOneVerdictForEveryEventFromAStoreThatIsKilledMeanwhile() throws Exception {
    RedisProcess redis = push(RedisProcess.start(folder.resolve("redis"), 0));
    HostPort address = TestingProcess.freeAddress();
    TestingProcess first = push(store("first.log", address, redis));
    ManagedChannel channel = Channels.open(address);
    push(() -> Channels.close(channel));
    Readiness.await("feature-store", address, channel, TestingPlatform.START_TIMEOUT);
    boolean[] killed = {false};

    VerdictCounts verdicts;
    try (EventSender sender =
        new EventSender(
            channel,
            answered -> {
              if (answered >= KILLED_AFTER_EVENTS && !killed[0]) {
                killed[0] = true;
                replace(first, address, redis);
              }
            })) {
      orders.forEach(sender::send);
      verdicts = sender.finish();
    }

    assertThat(killed[0]).isTrue();
    assertThat(verdicts.total()).isEqualTo(orders.size());
    assertThat(verdicts.of(Verdict.APPLIED) + verdicts.of(Verdict.DUPLICATE))
        .isEqualTo(orders.size());
    assertThat(ordersInStore(channel)).isEqualTo(orders.size());
  }

  private void replace(TestingProcess store, HostPort address, RedisProcess redis) {
    try {
      store.kill();
      push(store("second.log", address, redis));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private TestingProcess store(String log, HostPort address, RedisProcess redis)
      throws IOException {
    return TestingProcess.start(
        folder.resolve(log),
        Map.of(),
        "feature-store",
        "--listen=" + address,
        "--metrics-listen=off",
        "--redis=" + redis.uri());
  }

  private long ordersInStore(ManagedChannel channel) {
    Set<String> ids = new TreeSet<>();
    orders.forEach(order -> ids.add(order.customerId()));
    List<String> customers = List.copyOf(ids);
    double sum = 0;
    for (int from = 0; from < customers.size(); from += BATCH) {
      GetFeaturesResponse features =
          FeatureStoreGrpc.newBlockingStub(channel)
              .getFeatures(
                  GetFeaturesRequest.newBuilder()
                      .addAllCustomerIds(
                          customers.subList(from, Math.min(from + BATCH, customers.size())))
                      .setFeatures(FeatureNames.newBuilder().addNames("orders_lifetime"))
                      .build());
      FloatBuffer values =
          features
              .getValues()
              .asReadOnlyByteBuffer()
              .order(ByteOrder.LITTLE_ENDIAN)
              .asFloatBuffer();
      while (values.hasRemaining()) {
        sum += values.get();
      }
    }
    return Math.round(sum);
  }

  private <T extends AutoCloseable> T push(T part) {
    parts.push(part);
    return part;
  }
}
