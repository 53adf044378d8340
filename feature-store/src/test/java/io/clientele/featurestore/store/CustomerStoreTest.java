package io.clientele.featurestore.store;

import static io.clientele.featurestore.store.TestingOrders.PLAN;
import static io.clientele.featurestore.store.TestingOrders.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clientele.featurestore.engine.Verdict;
import io.clientele.grpc.DeadlineException;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.PreconditionException;
import io.clientele.grpc.UnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

final class CustomerStoreTest {
  private static final Instant NOW = Instant.parse("2026-06-30T12:00:00Z");
  private static final long NOW_MS = NOW.toEpochMilli();

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
        RedisSettings.on(redis.uri()), ChangeSettings.DEFAULT, PLAN, clock, metrics);
  }

  @Test
  void foldsAgainIntoWhatAnotherProcessWroteMeanwhile() {
    try (CustomerStore racer =
        open(
            onceBefore(
                () -> await(store.record(List.of(order("a", "o1", NOW_MS)), () -> false))))) {
      Recorded recorded =
          await(racer.record(List.of(order("a", "o2", NOW_MS)), () -> false)).getFirst();

      assertThat(recorded.outcomes().getFirst().verdict()).isEqualTo(Verdict.APPLIED);
      assertThat(recorded.version()).isEqualTo(2);
    }
    assertThat(
            await(store.record(List.of(order("a", "o1", NOW_MS)), () -> false))
                .getFirst()
                .version())
        .isEqualTo(2);
    assertThat(PLAN.describe(read("a").summary(), new byte[0][], NOW_MS).eventTypes())
        .filteredOn(type -> type.type().equals("order"))
        .extracting(type -> type.events())
        .containsExactly(2L);
  }

  @Test
  void givesTheVerdictOfTheFoldThatCounts() {
    try (CustomerStore racer =
        open(
            onceBefore(
                () -> await(store.record(List.of(order("a", "o1", NOW_MS)), () -> false))))) {
      Recorded recorded =
          await(racer.record(List.of(order("a", "o1", NOW_MS)), () -> false)).getFirst();

      assertThat(recorded.outcomes().getFirst().verdict()).isEqualTo(Verdict.DUPLICATE);
      assertThat(recorded.version()).isEqualTo(1);
    }
  }

  @Test
  void writesNothingForAnEventThatChangesNothing() {
    await(store.record(List.of(order("a", "o1", NOW_MS)), () -> false));
    long writes = evaluations();

    await(store.record(List.of(order("a", "o1", NOW_MS)), () -> false));

    assertThat(evaluations()).isEqualTo(writes);
    assertThat(read("a").version()).isEqualTo(1);
  }

  @Test
  void knowsItsScriptAgainAfterRedisForgotIt() {
    await(store.record(List.of(order("a", "o1", NOW_MS)), () -> false));
    client.scriptFlush();

    Recorded recorded =
        await(store.record(List.of(order("a", "o2", NOW_MS)), () -> false)).getFirst();

    assertThat(recorded.version()).isEqualTo(2);
  }

  @Test
  void doesNotBeginWhatNobodyWaitsFor() {
    await(store.record(List.of(order("a", "o1", NOW_MS)), () -> false));
    client.configResetStat();

    assertThatThrownBy(() -> await(store.read(List.of("a"), List.of(), () -> true)))
        .hasCauseInstanceOf(DeadlineException.class);
    assertThatThrownBy(() -> await(store.record(List.of(order("a", "o2", NOW_MS)), () -> true)))
        .hasCauseInstanceOf(DeadlineException.class);

    assertThat(client.info("commandstats")).doesNotContain("hmget").doesNotContain("eval");
  }

  @Test
  void failsAWriteThatRedisRefusesAndGoesOnOnceItTakesThem() {
    client.configSet("maxmemory", "1");
    try {
      assertThatThrownBy(() -> await(store.record(List.of(order("a", "o1", NOW_MS)), () -> false)))
          .hasCauseInstanceOf(UnavailableException.class)
          .hasMessageContaining("OOM");
    } finally {
      client.configSet("maxmemory", "0");
    }

    Recorded recorded =
        await(store.record(List.of(order("a", "o1", NOW_MS)), () -> false)).getFirst();
    assertThat(recorded.outcomes().getFirst().verdict()).isEqualTo(Verdict.APPLIED);
  }

  @Test
  void failsOnlyTheCustomerWhoseStateIsDamaged() {
    List<CustomerChanges> both = List.of(order("damaged", "o1", NOW_MS));
    await(store.record(both, () -> false));
    byte[] key = new CustomerKeys(RedisSettings.DEFAULT_BUCKETS).of("damaged").state();
    client.hset(key, "s".getBytes(java.nio.charset.StandardCharsets.UTF_8), new byte[] {1, 2, 3});

    var failed = store.record(List.of(order("damaged", "o2", NOW_MS)), () -> false);
    var recorded = store.record(List.of(order("sound", "o1", NOW_MS)), () -> false);

    assertThatThrownBy(() -> await(failed))
        .hasCauseInstanceOf(PreconditionException.class)
        .hasMessageContaining("customer damaged: ");
    assertThat(await(recorded).getFirst().version()).isEqualTo(1);
  }

  @Test
  void outlivesARedisThatWasStoppedAndStarted() throws IOException {
    await(store.record(List.of(order("a", "o1", NOW_MS)), () -> false));
    int port = redis.port();
    client.close();
    redis.close();

    redis = RedisProcess.start(directory, port);
    client = new Jedis(redis.uri());

    assertThat(read("a").version()).isEqualTo(1);
    assertThat(
            await(store.record(List.of(order("a", "o2", NOW_MS)), () -> false))
                .getFirst()
                .version())
        .isEqualTo(2);
  }

  @Test
  void refusesAStoreWithAnotherNumberOfBuckets() {
    read("anybody");
    RedisSettings other = RedisSettings.on(redis.uri()).withBuckets(256);

    assertThatThrownBy(
            () ->
                CustomerStore.open(
                    other, ChangeSettings.DEFAULT, PLAN, InstantSource.system(), metrics))
        .isInstanceOf(IncompatibleRedisException.class)
        .hasMessage("buckets of the store in Redis: 64 (expected: 256, of --buckets)");
  }

  @Test
  void refusesARedisThatIsTooOld() throws IOException {
    try (var old = new TestingOldRedis("6.0.16")) {
      RedisSettings settings = RedisSettings.on(old.uri());

      assertThatThrownBy(
              () ->
                  CustomerStore.open(
                      settings, ChangeSettings.DEFAULT, PLAN, InstantSource.system(), metrics))
          .isInstanceOf(IncompatibleRedisException.class)
          .hasMessage("Redis version: 6.0 (expected: >= 6.2)");
    }
  }

  private StoredState read(String customer) {
    return await(store.read(List.of(customer), List.of(), () -> false)).getFirst();
  }

  /** Evaluations of scripts so far, by digest or by text. */
  private long evaluations() {
    return client
        .info("commandstats")
        .lines()
        .filter(line -> line.startsWith("cmdstat_eval"))
        .mapToLong(line -> Long.parseLong(line.replaceAll(".*:calls=(\\d+),.*", "$1")))
        .sum();
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
}
