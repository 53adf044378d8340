package io.clientele.featurestore.store;

import static io.clientele.featurestore.store.TestingOrders.PLAN;
import static io.clientele.featurestore.store.TestingOrders.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.clientele.featurestore.engine.Verdict;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.UnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.StreamEntryID;

/** Many customers of one bucket, who are written together and stand in the feed together. */
final class BatchedWritesTest {
  private static final Instant NOW = Instant.parse("2026-06-30T12:00:00Z");
  private static final long NOW_MS = NOW.toEpochMilli();
  private static final int CUSTOMERS = 100;
  private static final int ROUNDS = 50;
  private static final String FEED = "{b0}:f";

  @TempDir private static Path directory;
  private static RedisProcess redis;
  private final Metrics metrics = Metrics.start(null);
  private CustomerStore store;
  private Jedis client;

  @BeforeAll
  static void startRedis() throws IOException {
    redis = RedisProcess.start(directory, 0);
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @BeforeEach
  void open() {
    client = new Jedis(redis.uri());
    client.flushAll();
    store = open(InstantSource.fixed(NOW));
  }

  @AfterEach
  void close() {
    store.close();
    client.close();
    metrics.close();
  }

  private CustomerStore open(InstantSource clock) {
    return CustomerStore.open(
        RedisSettings.on(redis.uri()).withBuckets(1), ChangeSettings.DEFAULT, PLAN, clock, metrics);
  }

  @Test
  void numbersEachChangeOfAnEntry() throws InterruptedException {
    try (var watcher = new Watcher(ByteString.EMPTY, 1_000)) {
      List<Recorded> recorded = record(store, "first");

      assertThat(recorded).hasSize(CUSTOMERS).allMatch(one -> one.version() == 1);
      assertThat(client.get("{b0}:n")).isEqualTo("100");
      assertThat(client.xlen(FEED)).isLessThan(CUSTOMERS / 10);
      List<FeedEntry> changes = watcher.take(CUSTOMERS);
      assertThat(changes)
          .extracting(FeedEntry::number)
          .containsExactlyElementsOf(
              IntStream.rangeClosed(1, 100).mapToObj(Long::valueOf).toList());
      assertThat(changes)
          .extracting(FeedEntry::customerId)
          .containsExactlyInAnyOrderElementsOf(customers());
      assertThat(changes)
          .allMatch(one -> one.version() == 1 && one.what().equals(List.of("order")));
    }
  }

  @Test
  void foldsOnlyThoseAgainWhomSomebodyElseChanged() {
    try (CustomerStore racer =
        open(
            onceBefore(
                () -> {
                  await(store.record(List.of(order("customer-7", "other", NOW_MS)), () -> false));
                  await(store.record(List.of(order("customer-70", "other", NOW_MS)), () -> false));
                }))) {
      List<Recorded> recorded = record(racer, "first");

      for (int i = 0; i < CUSTOMERS; i++) {
        assertThat(recorded.get(i).version()).isEqualTo(i == 7 || i == 70 ? 2 : 1);
      }
    }
    assertThat(client.get("{b0}:n")).isEqualTo("102");
  }

  @Test
  void countsEachEventOnceWhenTwoProcessesWriteTheSameCustomers() throws InterruptedException {
    List<CompletableFuture<List<Recorded>>> answers = new ArrayList<>();
    try (CustomerStore other = open(InstantSource.fixed(NOW));
        var watcher = new Watcher(ByteString.EMPTY, 1_000)) {
      for (int round = 0; round < ROUNDS; round++) {
        for (CustomerStore through : List.of(store, other)) {
          String event = (through == store ? "one-" : "other-") + round;
          answers.add(through.record(orders(event), () -> false));
        }
      }
      answers.forEach(BatchedWritesTest::await);

      long changes = Long.parseLong(client.get("{b0}:n"));
      Map<String, Long> versions = new HashMap<>();
      long number = 0;
      for (FeedEntry change : watcher.take((int) changes)) {
        assertThat(change.number()).isEqualTo(++number);
        assertThat(change.version()).isEqualTo(versions.merge(change.customerId(), 1L, Long::sum));
      }
      assertThat(watcher.gap).isFalse();
    }
    List<StoredState> states = await(store.read(customers(), List.of(), () -> false));
    assertThat(states)
        .allSatisfy(
            state ->
                assertThat(PLAN.describe(state.summary(), new byte[0][], NOW_MS).eventTypes())
                    .filteredOn(type -> type.type().equals("order"))
                    .extracting(type -> type.events())
                    .containsExactly(2L * ROUNDS));
  }

  @Test
  void looksAtNoVersionWhereNobodyElseHasChangedTheBucket() {
    record(store, "first");
    client.configResetStat();

    List<Recorded> recorded = record(store, "second");

    assertThat(recorded).allMatch(one -> one.version() == 2);
    assertThat(client.info("commandstats")).contains("cmdstat_hset:").doesNotContain("_hget:");
  }

  @Test
  void looksForTheTombstoneOfACustomerWithoutAState() {
    record(store, "first");
    await(store.forget("customer-7", NOW_MS, () -> false));

    List<Recorded> recorded = record(store, "late");

    assertThat(recorded.get(7).outcomes().getFirst().verdict()).isEqualTo(Verdict.FORGOTTEN);
    assertThat(recorded.get(8).version()).isEqualTo(2);
    assertThat(client.exists("{b0}:c:customer-7")).isFalse();
  }

  @Test
  void writesTheOthersOfAKeyThatIsNoCustomers() {
    try (CustomerStore racer =
        open(onceBefore(() -> client.set("{b0}:c:customer-7", "of somebody else")))) {

      assertThatThrownBy(() -> record(racer, "first"))
          .hasCauseInstanceOf(UnavailableException.class)
          .hasMessageContaining("WRONGTYPE");
    }
    assertThat(client.get("{b0}:c:customer-7")).isEqualTo("of somebody else");
    for (String customer : customers()) {
      if (!customer.equals("customer-7")) {
        assertThat(client.hget("{b0}:c:" + customer, "v")).isEqualTo("1");
      }
    }
  }

  @Test
  void resumesInTheMiddleOfAnEntry() throws InterruptedException {
    ByteString token;
    List<FeedEntry> first;
    try (var watcher = new Watcher(ByteString.EMPTY, 7)) {
      record(store, "first");
      first = watcher.take(49);
      token = watcher.token;
    }
    assertThat(first).last().extracting(FeedEntry::number).isEqualTo(49L);

    try (var watcher = new Watcher(token, 7)) {
      List<FeedEntry> rest = watcher.take(51);
      assertThat(watcher.gap).isFalse();
      assertThat(rest)
          .extracting(FeedEntry::number)
          .containsExactlyElementsOf(
              IntStream.rangeClosed(50, 100).mapToObj(Long::valueOf).toList());
    }
  }

  @Test
  void keepsTheChangesOfOthersWhenACustomerIsForgotten() throws InterruptedException {
    ByteString token;
    try (var watcher = new Watcher(ByteString.EMPTY, 1_000)) {
      token = watcher.token;
    }
    record(store, "first");
    Forgotten forgotten = await(store.forget("customer-7", NOW_MS, () -> false));

    assertThat(forgotten.feedEntries()).isEqualTo(1);
    assertThat(client.xrange(FEED, "-", "+").toString()).doesNotContain("customer-7,");
    try (var watcher = new Watcher(token, 1_000)) {
      List<FeedEntry> changes = watcher.take(CUSTOMERS);
      assertThat(watcher.gap).isFalse();
      assertThat(changes.subList(0, CUSTOMERS - 1))
          .extracting(FeedEntry::customerId)
          .doesNotContain("customer-7")
          .doesNotHaveDuplicates();
      assertThat(changes.getLast().forgotten()).isTrue();
      assertThat(changes.getLast().number()).isEqualTo(CUSTOMERS + 1);
    }
  }

  @Test
  void tellsWhatAFeedHoldsOfAnOlderFeatureStore() throws InterruptedException {
    ByteString token;
    try (var watcher = new Watcher(ByteString.EMPTY, 1_000)) {
      token = watcher.token;
    }
    for (int number = 1; number <= 3; number++) {
      client.eval(
          "redis.call('XADD', KEYS[1], ARGV[1], 'c', ARGV[2], 'v', '9', 'k', 'order view')",
          List.of(FEED),
          List.of(client.incr("{b0}:n") + "-0", "customer-" + number));
    }
    client.xdel(FEED, new StreamEntryID(2, 0)); // as it forgot a customer
    await(store.record(List.of(order("customer-4", "first", NOW_MS)), () -> false));
    await(store.forget("customer-3", NOW_MS, () -> false));

    try (var watcher = new Watcher(token, 1_000)) {
      List<FeedEntry> changes = watcher.take(3);
      assertThat(watcher.gap).isFalse();
      assertThat(changes).extracting(FeedEntry::number).containsExactly(1L, 4L, 5L);
      assertThat(changes.getFirst().customerId()).isEqualTo("customer-1");
      assertThat(changes.getFirst().version()).isEqualTo(9);
      assertThat(changes.getFirst().what()).containsExactly("order", "view");
      assertThat(changes.get(1).customerId()).isEqualTo("customer-4");
      assertThat(changes.getLast().forgotten()).isTrue();
    }
  }

  private List<Recorded> record(CustomerStore through, String event) {
    return await(through.record(orders(event), () -> false));
  }

  private static List<CustomerChanges> orders(String event) {
    return customers().stream().map(id -> order(id, event, NOW_MS)).toList();
  }

  private static List<String> customers() {
    return IntStream.range(0, CUSTOMERS).mapToObj(i -> "customer-" + i).toList();
  }

  /** A clock that runs something when it is first asked: between a trip's read and its write. */
  private static InstantSource onceBefore(Runnable race) {
    var raced = new AtomicBoolean();
    return () -> {
      if (raced.compareAndSet(false, true)) {
        race.run();
      }
      return NOW;
    };
  }

  private static <T> T await(CompletableFuture<T> future) {
    return future.orTimeout(30, TimeUnit.SECONDS).join();
  }

  /** Takes changes, so many at a time at most; live from the start. */
  private final class Watcher implements AutoCloseable, FeedWatch.Listener {
    private final Semaphore ready = new Semaphore(0);
    private final FeedWatch watch;
    private final int most;
    private ByteString token;
    private boolean gap;

    Watcher(ByteString from, int most) throws InterruptedException {
      this.most = most;
      token = from;
      watch = store.changes().watch(from, this);
      while (token.equals(from) && token.isEmpty()) {
        List<FeedEntry> none = next();
        assertThat(none).isEmpty();
      }
    }

    List<FeedEntry> take(int count) throws InterruptedException {
      var taken = new ArrayList<FeedEntry>();
      while (taken.size() < count) {
        taken.addAll(next());
      }
      return taken;
    }

    private List<FeedEntry> next() throws InterruptedException {
      FeedWatch.Batch batch = watch.take(most);
      while (batch == null) {
        assertThat(ready.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
        batch = watch.take(most);
      }
      token = batch.token();
      gap |= batch.gap();
      return batch.changes();
    }

    @Override
    public void ready() {
      ready.release();
    }

    @Override
    public void ended(Throwable cause) {}

    @Override
    public void close() {
      watch.close();
    }
  }
}
