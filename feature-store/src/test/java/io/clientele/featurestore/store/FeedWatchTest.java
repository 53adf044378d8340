package io.clientele.featurestore.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.grpc.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class FeedWatchTest {
  private final RedisSettings nowhere =
      RedisSettings.on(java.net.URI.create("redis://127.0.0.1:1"));
  private final CustomerKeys keys = new CustomerKeys(2);
  private ChangeFeed feed;
  private FeedWatch watch;

  @BeforeEach
  void begin() {
    var nodes = new RedisNodes(nowhere.topology());
    var format = new StoreFormat(2, nodes);
    var connection =
        new RedisConnection(
            nowhere,
            "feed",
            nodes,
            format,
            Replication.NONE,
            new RedisRefusals(Metrics.start(null)));
    feed =
        new ChangeFeed(
            new FeedReader(connection, keys), new FeedBell(nowhere.dialer("bell"), nodes, 2), 2);
    watch =
        new FeedWatch(
            feed,
            new FeedWatch.Listener() {
              @Override
              public void ready() {}

              @Override
              public void ended(Throwable cause) {}
            },
            null);
    watch.begin(new FeedPositions(7, new long[] {3, 0}), false);
  }

  @AfterEach
  void end() {
    watch.close();
  }

  @Test
  void resumesBehindWhatWasTakenNotBehindWhatWaits() {
    take(10);
    watch.offer(List.of(entry(0, 4), entry(1, 1), entry(0, 5)), positions(5, 1));

    assertThat(take(2).token()).isEqualTo(positions(4, 1).token());
    assertThat(take(2).token()).isEqualTo(positions(5, 1).token());
    assertThat(watch.take(2)).isNull();
  }

  @Test
  void dropsAllAndTellsOfAGapWhenMoreWaitsThanMay() {
    take(10);
    var many = new ArrayList<FeedEntry>();
    for (int i = 0; i < FeedWatch.MAX_WAITING; i++) {
      many.add(entry(0, 4 + i));
    }
    watch.offer(many, positions(4 + FeedWatch.MAX_WAITING, 0));
    watch.offer(List.of(entry(1, 1)), positions(4 + FeedWatch.MAX_WAITING, 1));

    FeedWatch.Batch batch = take(10);
    assertThat(batch.gap()).isTrue();
    assertThat(batch.changes()).isEmpty();
    assertThat(batch.token()).isEqualTo(positions(4 + FeedWatch.MAX_WAITING, 1).token());
    assertThat(watch.take(10)).isNull();
  }

  private FeedWatch.Batch take(int max) {
    return Objects.requireNonNull(watch.take(max));
  }

  private static FeedPositions positions(long first, long second) {
    return new FeedPositions(7, new long[] {first, second});
  }

  private static FeedEntry entry(int bucket, long number) {
    List<byte[]> fields =
        List.of(bytes("c"), bytes("alice"), bytes("v"), bytes("1"), bytes("k"), bytes("order"));
    return FeedSet.of(bucket, List.of(bytes(number + "-0"), fields)).changes().getFirst();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
