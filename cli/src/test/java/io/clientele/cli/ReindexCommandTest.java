package io.clientele.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.featurestore.FeatureStoreServer;
import io.clientele.featurestore.FeatureStoreSettings;
import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.store.ChangeSettings;
import io.clientele.featurestore.store.RedisProcess;
import io.clientele.featurestore.store.RedisSettings;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import io.clientele.grpc.Channels;
import io.clientele.grpc.HostPort;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.ServerSettings;
import io.clientele.grpc.Settings;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReindexCommandTest {
  private static final String CATALOG =
      """
      entity: customer
      retention: 40d
      future_tolerance: 5m
      events:
        order:
          duplicates: retention
          measures: {amount: {decimals: 2}}
        view: {duplicates: {recent: 8}}
      features:
        - {name: orders_30d, count: order, window: 30d}
        - {name: spend, sum: order.amount, window: lifetime}
        - {name: views, count: view, window: lifetime}
      """;

  private final Instant today = Instant.now().truncatedTo(ChronoUnit.DAYS);

  @TempDir private Path folder = Path.of("");
  private @Nullable RedisProcess started;
  private Path log = Path.of("");

  @BeforeEach
  void recordUnderTheFirstCatalog() throws IOException {
    started = RedisProcess.start(Files.createDirectory(folder.resolve("redis")), 0);
    log = folder.resolve("log.csv");
    var rows = new StringBuilder("customer_id,event_id,event_type,event_time,amount\n");
    for (String customer : List.of("ann", "bob")) {
      rows.append(row(customer, "old", "order", 60, "1.25"));
      rows.append(row(customer, "new", "order", 10, "10.00"));
    }
    Files.writeString(log, rows);
    try (var store = new Store(CATALOG);
        EventSender sender = new EventSender(store.channel, done -> {})) {
      for (String customer : List.of("ann", "bob")) {
        sender.send(order(customer, "new", 10, 10));
        sender.send(order(customer, "live", 1, 100));
        sender.send(
            new LoggedEvent(customer, "v", "view", today.toEpochMilli(), Map.of(), Map.of()));
      }
      sender.finish();
    }
  }

  @AfterEach
  void stop() {
    redis().close();
  }

  @Test
  void answersAFeatureMoreAndOneFewerWithoutAReindex() throws IOException {
    try (var store =
        new Store(
            CATALOG
                .replace(
                    "orders_30d, count: order, window: 30d", "orders_7d, count: order, window: 7d")
                .replace(
                    "  - {name: views",
                    "  - {name: last, last: order.amount}\n  - {name: views"))) {
      assertThat(store.read("ann").getUnansweredList()).isEmpty();
      assertThat(store.features("ann"))
          .containsExactlyInAnyOrderEntriesOf(
              Map.of("orders_7d", 1f, "spend", 110f, "last", 100f, "views", 1f));
    }
  }

  @Test
  void rebuildsATypeWhoseMeasureHasChangedWhileReadsGoOn() throws Exception {
    String changed = CATALOG.replace("decimals: 2", "decimals: 3");
    try (var store = new Store(changed)) {
      assertThat(store.read("ann").getUnansweredList()).containsExactly("orders_30d", "spend");
      assertThat(store.features("ann")).containsEntry("spend", null).containsEntry("views", 1f);

      var done = new AtomicBoolean();
      CompletableFuture<Integer> reads =
          CompletableFuture.supplyAsync(
              () -> {
                int count = 0;
                while (!done.get()) {
                  assertThat(store.features("ann").get("views")).isEqualTo(1f);
                  assertThat(store.features("bob").get("spend")).isIn(null, 11.25f);
                  count++;
                }
                return count;
              });
      assertThat(reindex(changed)).isZero();
      done.set(true);

      assertThat(reads.get()).isPositive();
      assertThat(store.read("ann").getUnansweredList()).isEmpty();
      assertThat(store.features("ann"))
          .containsExactlyInAnyOrderEntriesOf(
              Map.of("orders_30d", 1f, "spend", 11.25f, "views", 1f));
    }
  }

  @Test
  void bringsBackTheDaysOfALongerRetentionAndKeepsWhatTheLogLacks() throws IOException {
    String longer = CATALOG.replace("retention: 40d", "retention: 90d").replace("30d", "80d");
    try (var store = new Store(longer)) {
      long before = store.read("ann").getFeatureVersions(0);
      assertThat(store.features("ann")).containsEntry("orders_80d", 2f);

      assertThat(reindex(longer)).isZero();
      assertThat(store.features("ann"))
          .containsExactlyInAnyOrderEntriesOf(
              Map.of("orders_80d", 3f, "spend", 111.25f, "views", 1f));
      assertThat(store.read("ann").getFeatureVersions(0)).isEqualTo(before + 1);

      assertThat(reindex(longer)).isZero();
      assertThat(store.read("ann").getFeatureVersions(0)).isEqualTo(before + 1);
    }
  }

  @Test
  void leavesEachCustomerAsBeforeOrRebuiltWhenItIsKilled() throws Exception {
    List<String> customers = IntStream.range(0, 8_000).mapToObj(i -> "c" + i).toList();
    var rows = new StringBuilder("customer_id,event_id,event_type,event_time,amount\n");
    customers.forEach(customer -> rows.append(row(customer, "o", "order", 3, "10.00")));
    Files.writeString(log, rows);
    try (var store = new Store(CATALOG);
        EventSender sender = new EventSender(store.channel, done -> {})) {
      customers.forEach(customer -> sender.send(order(customer, "o", 3, 10)));
      sender.finish();
    }
    String changed = CATALOG.replace("decimals: 2", "decimals: 3");
    Path catalog = Files.writeString(folder.resolve("catalog.yaml"), changed);

    try (var store = new Store(changed);
        TestingProcess reindex =
            TestingProcess.start(
                folder.resolve("reindex.out"),
                Map.of(),
                "reindex",
                "--events=" + log,
                "--redis=" + redis().uri(),
                "--catalog=" + catalog)) {
      Instant deadline = Instant.now().plus(Duration.ofMinutes(1));
      while (store.features(customers.getFirst()).get("spend") == null
          && Instant.now().isBefore(deadline)) {
        // not begun
      }
      reindex.kill();
      assertThat(store.features(customers.getFirst())).containsEntry("spend", 10f);

      for (String customer : customers) {
        assertThat(store.features(customer).get("spend")).isIn(null, 10f);
      }
      assertThat(reindex(changed)).isZero();
      for (String customer : customers) {
        assertThat(store.features(customer).get("spend")).isEqualTo(10f);
      }
    }
  }

  @Test
  void refusesWhatItCannotWorkOn() throws IOException {
    log = folder.resolve("nowhere.csv");
    assertThat(reindex(CATALOG)).isNotZero();
    assertThat(Settings.run(new Clientele(), "reindex", "--events=" + log, "--redis=http://x"))
        .isEqualTo(2);
  }

  private RedisProcess redis() {
    return Objects.requireNonNull(started);
  }

  private int reindex(String catalog) throws IOException {
    Path file = Files.writeString(folder.resolve("catalog.yaml"), catalog);
    return Settings.run(
        new Clientele(),
        "reindex",
        "--events=" + log,
        "--redis=" + redis().uri(),
        "--catalog=" + file);
  }

  private String row(String customer, String id, String type, int daysAgo, String amount) {
    return "%s,%s,%s,%s,%s%n"
        .formatted(customer, id, type, today.minus(Duration.ofDays(daysAgo)), amount);
  }

  private LoggedEvent order(String customer, String id, int daysAgo, double amount) {
    return new LoggedEvent(
        customer,
        id,
        "order",
        today.minus(Duration.ofDays(daysAgo)).toEpochMilli(),
        Map.of("amount", amount),
        Map.of());
  }

  /** A feature store on the Redis, under a catalog. */
  private final class Store implements AutoCloseable {
    private final Metrics metrics = Metrics.start(null);
    private final FeatureStoreServer server;
    private final ManagedChannel channel;

    Store(String catalog) {
      var listen = new ServerSettings(new HostPort("127.0.0.1", 0), 4 << 20, Duration.ofSeconds(1));
      server =
          FeatureStoreServer.start(
              new FeatureStoreSettings(
                  listen,
                  RedisSettings.on(redis().uri()),
                  ChangeSettings.DEFAULT,
                  Catalog.parse("catalog.yaml", catalog),
                  folder,
                  0),
              metrics);
      channel = Channels.open(server.address());
      var health =
          HealthGrpc.newBlockingStub(channel)
              .withDeadlineAfter(Duration.ofMinutes(1))
              .watch(HealthCheckRequest.getDefaultInstance());
      while (health.next().getStatus() != ServingStatus.SERVING) {
        // the next change
      }
    }

    GetFeaturesResponse read(String customer) {
      return FeatureStoreGrpc.newBlockingStub(channel)
          .getFeatures(GetFeaturesRequest.newBuilder().addCustomerIds(customer).build());
    }

    /** By name; missing ones are null. */
    Map<String, @Nullable Float> features(String customer) {
      GetFeaturesResponse answer = read(customer);
      var values = answer.getValues().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
      Map<String, @Nullable Float> features = new LinkedHashMap<>();
      for (int c = 0; c < answer.getFeatureNamesCount(); c++) {
        boolean present = (answer.getPresence().byteAt(c / 8) >> (c % 8) & 1) == 1;
        features.put(answer.getFeatureNames(c), present ? values.getFloat(c * Float.BYTES) : null);
      }
      return features;
    }

    @Override
    public void close() {
      Channels.close(channel);
      server.close();
      metrics.close();
    }
  }
}
