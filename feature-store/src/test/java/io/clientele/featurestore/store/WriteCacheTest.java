package io.clientele.featurestore.store;

import static io.clientele.featurestore.store.TestingOrders.order;
import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.FieldValue;
import io.clientele.featurestore.engine.GroupWrite;
import io.clientele.featurestore.engine.Outcome;
import io.clientele.featurestore.engine.Verdict;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.UnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.params.ClientKillParams;

/** States that a lane remembers from its own writes, and all that may befall them in Redis. */
final class WriteCacheTest {
  private static final Instant NOW = Instant.parse("2026-06-30T12:00:00Z");
  private static final long NOW_MS = NOW.toEpochMilli();
  private static final int STEPS = 120;
  private static final long STEP_MS = Duration.ofMinutes(10).toMillis();
  private static final int TRIES = 50;

  private static final FeaturePlan PLAN =
      FeaturePlan.of(
          Catalog.parse(
              "groups.yaml",
              """
              entity: customer
              retention: 40d
              future_tolerance: 5m
              events:
                order:
                  duplicates: retention
                  measures: {amount: {decimals: 2}, items: {decimals: 0}}
              features:
                - {name: orders, count: order, window: lifetime}
              groups:
                profile: {max_age: 30d, fields: {age_years: {type: number, default: 40}}}
              """));

  @TempDir private static Path directory;
  private static RedisProcess redis;
  private final Metrics metrics = Metrics.start(null);
  private CustomerStore store;
  private CustomerStore other;
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
    store = openStore();
    other = openStore();
  }

  @AfterEach
  void close() {
    other.close();
    store.close();
    client.close();
    metrics.close();
  }

  private CustomerStore openStore() {
    return openStore(InstantSource.fixed(NOW));
  }

  private CustomerStore openStore(InstantSource clock) {
    return CustomerStore.open(
        RedisSettings.on(redis.uri()).withBuckets(1), ChangeSettings.DEFAULT, PLAN, clock, metrics);
  }

  @Test
  void readsNoStateThatItWroteItself() {
    boolean read = true;
    for (int i = 0; i < TRIES && read; i++) { // a pause of a second makes it read again
      makeOwn();
      client.configResetStat();

      Recorded recorded = record(store, "a", "new-" + i);

      boolean reads = client.info("commandstats").contains("hmget");
      assertThat(recorded.outcomes().getFirst().verdict()).isEqualTo(Verdict.APPLIED);
      assertThat(client.hget("{b0}:c:a", "v")).isEqualTo(Long.toString(recorded.version()));
      assertThat(events("a")).isEqualTo(recorded.version());
      read = reads;
    }
    assertThat(read).isFalse();
  }

  @Test
  void readsTheStateOfARepeatedEvent() {
    makeOwn();
    client.configResetStat();

    assertThat(verdict(record(store, "a", "o1"))).isEqualTo(Verdict.DUPLICATE);

    assertThat(client.info("commandstats")).contains("hmget");
  }

  @Test
  void keepsWhatAnotherProcessWroteInBetween() {
    makeOwn();
    assertThat(verdict(record(other, "a", "of the other"))).isEqualTo(Verdict.APPLIED);

    assertThat(record(store, "a", "new").version()).isEqualTo(5);

    assertThat(verdict(record(store, "a", "of the other"))).isEqualTo(Verdict.DUPLICATE);
    assertThat(events("a")).isEqualTo(5);
  }

  @Test
  void readsFirstAgainOnceAnotherProcessWritesToo() {
    makeOwn();
    record(other, "b", "of the other");
    record(store, "a", "new");
    client.configResetStat();

    record(store, "a", "newer");

    assertThat(client.info("commandstats")).contains("hmget");
  }

  @Test
  void doesNotBringBackWhoWasForgotten() {
    makeOwn();
    await(store.forget("a", NOW_MS, () -> false));

    assertThat(verdict(record(store, "a", "late"))).isEqualTo(Verdict.FORGOTTEN);

    assertThat(client.exists("{b0}:c:a")).isFalse();
  }

  @Test
  void countsAnEventAnewOfWhichRedisKnowsNothingAnyMore() {
    makeOwn();
    client.flushAll();

    assertThat(verdict(record(store, "a", "o1"))).isEqualTo(Verdict.APPLIED);
    assertThat(record(store, "a", "new").version()).isEqualTo(2);

    assertThat(events("a")).isEqualTo(2);
  }

  @Test
  void followsItsOwnWritesOfGroups() {
    makeOwn();
    var age =
        (GroupWrite)
            PLAN.groupDecoder()
                .decode("profile", NOW_MS, Map.of("age_years", new FieldValue.Numeric(30)), "crm");

    Recorded pushed =
        await(store.record(List.of(new CustomerChanges("a", List.of(age))), () -> false))
            .getFirst();
    Recorded recorded = record(store, "a", "new");

    assertThat(pushed.version()).isEqualTo(4);
    assertThat(recorded.version()).isEqualTo(5);
    assertThat(client.hget("{b0}:c:a", "v")).isEqualTo("5");
    assertThat(client.hexists("{b0}:c:a", "g:profile")).isTrue();
    assertThat(events("a")).isEqualTo(4);
  }

  @Test
  void forgetsWhatItWroteWhenRedisRefusesAWrite() {
    record(store, "b", "o1");
    makeOwn();
    client.configSet("maxmemory", "1");
    CompletableFuture<List<Recorded>> refused =
        store.record(List.of(order(PLAN, "a", "new", NOW_MS)), () -> false);
    assertThat(refused).failsWithin(Duration.ofSeconds(30));
    client.configSet("maxmemory", "0");
    client.configResetStat();

    assertThat(record(store, "b", "new").version()).isEqualTo(2);

    assertThat(client.info("commandstats")).contains("hmget");
  }

  @Test
  void readsAgainWhatItWroteToARedisThatWasAnother() {
    makeOwn();
    client.clientKill(
        ClientKillParams.clientKillParams()
            .type(ClientType.NORMAL)
            .skipMe(ClientKillParams.SkipMe.YES));
    client.flushAll();
    for (int i = 1; i <= 3; i++) { // until version and counter are the same
      String id = "of the other " + i;
      surely(() -> other.record(List.of(order(PLAN, "a", id, NOW_MS)), () -> false));
    }

    // To read b opens a new connection, after a was folded into what is remembered.
    List<Recorded> recorded =
        await(
            store.record(
                List.of(order(PLAN, "a", "new", NOW_MS), order(PLAN, "b", "new", NOW_MS)),
                () -> false));

    assertThat(recorded).extracting(Recorded::version).containsExactly(4L, 1L);
    assertThat(events("a")).isEqualTo(4);
    assertThat(verdict(record(store, "a", "of the other 2"))).isEqualTo(Verdict.DUPLICATE);
  }

  @Test
  void readsAgainWhomAnotherProcessChangedBetweenTheCallsOfATrip() {
    List<String> customers = IntStream.range(0, 80).mapToObj(i -> "customer-" + i).toList();
    recordAll(store, customers, "first");
    await(store.forget("customer-0", NOW_MS, () -> false));
    var raced = new AtomicBoolean();
    InstantSource clock =
        () -> {
          if (raced.compareAndSet(false, true)) {
            record(other, "customer-70", "of the other");
          }
          return NOW;
        };

    try (CustomerStore racer = openStore(clock)) {
      assertThat(recordAll(racer, customers, "second"))
          .extracting(WriteCacheTest::verdict)
          .containsOnlyOnce(Verdict.FORGOTTEN)
          .containsOnly(Verdict.FORGOTTEN, Verdict.APPLIED);
    }

    assertThat(raced).isTrue();
    assertThat(events("customer-70")).isEqualTo(3);
    assertThat(events("customer-0")).isZero();
  }

  @Test
  void readsAgainOneOfManyWhomItRemembers() {
    List<String> customers = IntStream.range(0, 80).mapToObj(i -> "customer-" + i).toList();
    for (int i = 1; i <= 3; i++) {
      recordAll(store, customers, "o" + i);
    }
    record(other, "customer-70", "of the other");

    List<Recorded> recorded = recordAll(store, customers, "new");

    for (int i = 0; i < customers.size(); i++) {
      assertThat(recorded.get(i).version()).isEqualTo(i == 70 ? 5 : 4);
      assertThat(events(customers.get(i))).isEqualTo(i == 70 ? 5 : 4);
    }
  }

  private static List<Recorded> recordAll(CustomerStore by, List<String> customers, String id) {
    return await(
        by.record(
            customers.stream().map(customer -> order(PLAN, customer, id, NOW_MS)).toList(),
            () -> false));
  }

  static IntStream seeds() {
    return IntStream.range(0, 40);
  }

  /**
   * Two processes write the same few customers in turn, mostly one of them, while customers are
   * forgotten, connections end and Redis forgets the script.
   */
  @ParameterizedTest
  @MethodSource("seeds")
  void countsEachEventOnceWhateverHappens(int seed) {
    var random = new Random(seed);
    List<List<String>> known = new ArrayList<>();
    IntStream.range(0, 4).forEach(_ -> known.add(new ArrayList<>()));
    for (int step = 0; step < STEPS; step++) {
      long timeMs = NOW_MS - (STEPS - step) * STEP_MS;
      CustomerStore by = random.nextInt(12) == 0 ? other : store;
      int customer = random.nextInt(known.size());
      List<String> ids = known.get(customer);
      switch (random.nextInt(20)) {
        case 0 -> {
          surely(() -> by.forget("customer-" + customer, timeMs, () -> false));
          ids.clear();
        }
        case 1 -> client.scriptFlush();
        case 2 ->
            client.clientKill(
                ClientKillParams.clientKillParams()
                    .type(ClientType.NORMAL)
                    .skipMe(ClientKillParams.SkipMe.YES));
        case 3, 4 -> {
          if (!ids.isEmpty()) {
            String id = ids.get(random.nextInt(ids.size()));
            assertThat(recordSurely(by, customer, id, timeMs)).isEqualTo(Verdict.DUPLICATE);
          }
        }
        default -> {
          String id = "event-" + step;
          // A lost answer is told of by the second attempt.
          assertThat(recordSurely(by, customer, id, timeMs))
              .isIn(Verdict.APPLIED, Verdict.DUPLICATE);
          ids.add(id);
        }
      }
    }
    for (int customer = 0; customer < known.size(); customer++) {
      assertThat(events("customer-" + customer)).isEqualTo(known.get(customer).size());
    }
  }

  /**
   * Records an event as a producer does: again while there is no answer.
   *
   * @return DUPLICATE also for a new event that was in Redis though the answer was lost
   */
  private static Verdict recordSurely(CustomerStore by, int customer, String id, long timeMs) {
    List<CustomerChanges> change = List.of(order(PLAN, "customer-" + customer, id, timeMs));
    return verdict(surely(() -> by.record(change, () -> false)).getFirst());
  }

  private static <T> T surely(Supplier<CompletableFuture<T>> call) {
    for (int i = 0; i < TRIES; i++) {
      try {
        return await(call.get());
      } catch (CompletionException e) {
        assertThat(e).hasCauseInstanceOf(UnavailableException.class);
      }
    }
    throw new AssertionError("no answer");
  }

  /** Makes the bucket the lane's own: after the second trip nobody else seems to write. */
  private void makeOwn() {
    for (int i = 1; i <= 3; i++) {
      record(store, "a", "o" + i);
    }
  }

  private static Recorded record(CustomerStore by, String customer, String id) {
    return await(by.record(List.of(order(PLAN, customer, id, NOW_MS)), () -> false)).getFirst();
  }

  private static Verdict verdict(Recorded recorded) {
    List<Outcome> outcomes = recorded.outcomes();
    assertThat(outcomes).hasSize(1);
    return outcomes.getFirst().verdict();
  }

  private long events(String customer) {
    StoredState state = await(store.read(List.of(customer), List.of(), () -> false)).getFirst();
    return state.exists()
        ? PLAN.describe(state.summary(), new byte[][] {{}}, NOW_MS).eventTypes().stream()
            .mapToLong(type -> type.events())
            .sum()
        : 0;
  }

  private static <T> T await(CompletableFuture<T> future) {
    return future.orTimeout(30, TimeUnit.SECONDS).join();
  }
}
