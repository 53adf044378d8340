package io.clientele.featurestore;

import static io.clientele.featurestore.TestingEvents.NOW;
import static io.clientele.featurestore.TestingEvents.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.statistics.FeatureDistribution;
import io.clientele.featurestore.store.ChangeSettings;
import io.clientele.featurestore.store.RedisProcess;
import io.clientele.featurestore.store.RedisSettings;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.FeatureNames;
import io.clientele.featurestore.v1.FeatureStatistics;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.GetFeatureStatisticsRequest;
import io.clientele.featurestore.v1.GetFeatureStatisticsResponse;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.featurestore.v1.Quantile;
import io.clientele.grpc.Channels;
import io.clientele.grpc.HostPort;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.ServerSettings;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.datasketches.kll.KllFloatsSketch;
import org.apache.datasketches.quantilescommon.QuantileSearchCriteria;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Statistics of reads from real servers. Customer n, of 1 to 1,000, spent n on the last order. */
final class FeatureStatisticsTest {
  private static final int CUSTOMERS = 1_000;
  private static final int ALL_ROWS = 100_000;
  private static final String VALUE = "last_order_value";
  private static final String GAP = "order_gap_mean_days";

  /**
   * The sketch is random and promises its error in 99 of 100 cases; twice of it, practically
   * always.
   */
  private static final double ERROR = 2 * FeatureDistribution.RANK_ERROR;

  @TempDir private static Path directory;
  private static RedisProcess redis;
  private TestingFeatureStore store;

  @BeforeAll
  static void record() throws IOException {
    redis = RedisProcess.start(directory.resolve("redis"), 0);
    try (var writer = store(0)) {
      var events = new ArrayList<Event>();
      for (int n = 1; n <= CUSTOMERS; n++) {
        events.add(order(customer(n), "last", NOW.minus(Duration.ofDays(1)), n).build());
        if (n % 4 == 0) { // the others have no gap between orders
          events.add(order(customer(n), "first", NOW.minus(Duration.ofDays(3)), 5_000).build());
        }
      }
      TestingProducer.recordAll(writer.channel(), events, 1_000);
    }
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @BeforeEach
  void start() {
    store = store(ALL_ROWS);
  }

  @AfterEach
  void stop() {
    store.close();
  }

  @Test
  void knowsHowOftenAFeatureIsMissingAndHowItIsDistributed() {
    read(store, 1, CUSTOMERS, GAP, VALUE, "days_since_first_order");

    GetFeatureStatisticsResponse answer = statistics(store, VALUE, GAP);

    assertThat(answer.getCatalogHash()).isEqualTo(Catalog.retail().hash());
    assertThat(answer.getSince()).isEqualTo(TestingEvents.timestamp(NOW));
    assertThat(answer.getRowsRead()).isEqualTo(CUSTOMERS);
    assertThat(answer.getRowsSampled()).isEqualTo(CUSTOMERS);
    assertThat(answer.getFeaturesList())
        .extracting(FeatureStatistics::getName)
        .containsExactly(VALUE, GAP);
    FeatureStatistics value = answer.getFeatures(0);
    assertThat(value.getCount()).isEqualTo(CUSTOMERS);
    assertThat(value.getMissing()).isZero();
    assertThat(value.getStale()).isZero();
    assertThat(value.getMin()).isEqualTo(1);
    assertThat(value.getMax()).isEqualTo(CUSTOMERS);
    assertThat(value.getSketch().isEmpty()).isTrue();
    assertThat(value.getQuantilesList()).extracting(Quantile::getRank).contains(0.01, 0.5, 0.99);
    for (Quantile quantile : value.getQuantilesList()) {
      assertThat(quantile.getValue() / CUSTOMERS) // of n in 1 to N, the rank is n / N
          .isCloseTo((float) quantile.getRank(), within((float) ERROR));
    }
    FeatureStatistics gap = answer.getFeatures(1);
    assertThat(gap.getCount()).isEqualTo(CUSTOMERS);
    assertThat(gap.getMissing()).isEqualTo(CUSTOMERS * 3 / 4);
    assertThat(gap.getMin()).isEqualTo(2); // not the default of those missing
    assertThat(gap.getMax()).isEqualTo(2);
  }

  @Test
  void countsEachCallersColumnsForTheirFeatures() {
    read(store, 7, 7, VALUE, GAP);
    read(store, 8, 8, GAP, VALUE);
    store.features(customer(9), "nobody");

    GetFeatureStatisticsResponse all = statistics(store);

    assertThat(all.getRowsRead()).isEqualTo(3);
    assertThat(all.getFeaturesList())
        .extracting(FeatureStatistics::getName)
        .isEqualTo(store.features("nobody").getFeatureNamesList());
    assertThat(all.getFeaturesList())
        .filteredOn(feature -> feature.getName().equals(VALUE))
        .singleElement()
        .satisfies(
            value -> {
              assertThat(value.getCount()).isEqualTo(3);
              assertThat(value.getMin()).isEqualTo(7);
              assertThat(value.getMax()).isEqualTo(9);
            });
    assertThat(all.getFeaturesList())
        .filteredOn(feature -> feature.getName().equals("spend_30d"))
        .singleElement()
        .satisfies(spend -> assertThat(spend.getCount()).isEqualTo(1)); // of the read of all
  }

  @Test
  void hasNoDistributionOfWhatWasNeverThere() {
    read(store, 1, 3, GAP);

    FeatureStatistics gap = statistics(store, GAP).getFeatures(0);

    assertThat(gap.getCount()).isEqualTo(3);
    assertThat(gap.getMissing()).isEqualTo(3);
    assertThat(gap.hasMin()).isFalse();
    assertThat(gap.hasMax()).isFalse();
    assertThat(gap.getQuantilesList()).isEmpty();
  }

  @Test
  void givesSketchesThatMergeOverServers() {
    try (TestingFeatureStore other = store(ALL_ROWS)) {
      read(store, 1, 300, VALUE);
      read(other, 301, CUSTOMERS, VALUE);

      KllFloatsSketch merged = sketch(store);
      merged.merge(sketch(other));

      assertThat(merged.getN()).isEqualTo(CUSTOMERS);
      assertThat(merged.getMinItem()).isEqualTo(1);
      assertThat(merged.getMaxItem()).isEqualTo(CUSTOMERS);
      for (double rank : new double[] {0.1, 0.5, 0.9}) {
        assertThat(merged.getQuantile(rank, QuantileSearchCriteria.INCLUSIVE) / CUSTOMERS)
            .isCloseTo((float) rank, within((float) ERROR));
      }
    }
  }

  @Test
  void refusesAFeatureThatItDoesNotKnowAndNamesOneThatItDoes() {
    assertThatThrownBy(() -> statistics(store, VALUE, "spend_30"))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
              assertThat(e.getStatus().getDescription())
                  .isEqualTo(
                      "names[1]: unknown feature spend_30 (expected: one of the catalog, such as"
                          + " spend_30d)");
            });
    String[] many = IntStream.range(0, 1_001).mapToObj(i -> VALUE).toArray(String[]::new);
    assertThatThrownBy(() -> statistics(store, many)).hasMessageContaining("1001 features");
  }

  @Test
  void countsNothingButReadsWhereItIsOff() {
    try (TestingFeatureStore off = store(0)) {
      read(off, 1, 10, VALUE);

      GetFeatureStatisticsResponse answer = statistics(off, VALUE);

      assertThat(answer.getRowsRead()).isEqualTo(10);
      assertThat(answer.getRowsSampled()).isZero();
      assertThat(answer.getFeatures(0).getCount()).isZero();
    }
  }

  @Test
  void countsEachRowAtMostOnceUnderManyReaders() throws Exception {
    int callers = 4;
    int calls = 100;
    Callable<Void> caller =
        () -> {
          for (int i = 0; i < calls; i++) {
            read(store, 1, 10, VALUE, GAP);
            var _ = statistics(store, VALUE);
          }
          return null;
        };
    try (ExecutorService executor = Executors.newFixedThreadPool(callers)) {
      for (Future<Void> done : executor.invokeAll(List.of(caller, caller, caller, caller))) {
        done.get();
      }
    }

    GetFeatureStatisticsResponse answer = statistics(store, VALUE, GAP);
    assertThat(answer.getRowsRead()).isEqualTo(10L * callers * calls);
    assertThat(answer.getRowsSampled()).isPositive().isLessThanOrEqualTo(answer.getRowsRead());
    assertThat(answer.getRowsSampled() % 10).isZero(); // whole answers
    for (FeatureStatistics feature : answer.getFeaturesList()) {
      assertThat(feature.getCount()).isEqualTo(answer.getRowsSampled());
    }
    assertThat(answer.getFeatures(1).getMissing()).isEqualTo(answer.getRowsSampled() * 8 / 10);
  }

  @Test
  void showsThemAsMetrics() {
    read(store, 1, 100, VALUE, GAP);

    assertThat(store.metrics())
        .contains("clientele_feature_missing_share{feature=\"" + GAP + "\"} 0.75\n")
        .contains("clientele_feature_missing_share{feature=\"" + VALUE + "\"} 0.0\n")
        .contains("clientele_feature_stale_share{feature=\"" + VALUE + "\"} 0.0\n")
        .contains("clientele_feature_quantile{feature=\"" + VALUE + "\",quantile=\"0.5\"} 50.0\n")
        .contains("clientele_feature_quantile{feature=\"" + GAP + "\",quantile=\"0.95\"} 2.0\n")
        .doesNotContain("clientele_feature_missing_share{feature=\"orders_30d\"}"); // not read
  }

  @Test
  void doesNotCountTheReadsThatWarmItUp() {
    TestingProducer.record(store.channel(), order("warm-up:0", "o1", NOW, 1).build());
    var listen =
        new ServerSettings(
            new HostPort("127.0.0.1", 0),
            ServerSettings.DEFAULT_MAX_MESSAGE_BYTES,
            Duration.ofSeconds(1),
            Duration.ofSeconds(1));
    var settings =
        new FeatureStoreSettings(
            listen,
            RedisSettings.on(redis.uri()),
            ChangeSettings.DEFAULT,
            Catalog.retail(),
            directory,
            ALL_ROWS);
    try (FeatureStoreServer warm = FeatureStoreServer.start(settings, Metrics.start(null))) {
      ManagedChannel channel = Channels.open(warm.address());
      try {
        GetFeatureStatisticsResponse answer =
            FeatureStoreGrpc.newBlockingStub(channel)
                .getFeatureStatistics(GetFeatureStatisticsRequest.getDefaultInstance());
        assertThat(answer.getRowsRead()).isZero();
      } finally {
        Channels.close(channel);
      }
    }
  }

  private static TestingFeatureStore store(int statisticsRows) {
    return new TestingFeatureStore(
        RedisSettings.on(redis.uri()),
        ChangeSettings.DEFAULT,
        directory,
        new TestingClock(NOW),
        statisticsRows);
  }

  private static String customer(int n) {
    return "customer-" + n;
  }

  private static void read(TestingFeatureStore store, int from, int to, String... features) {
    var answer =
        store
            .stub()
            .getFeatures(
                GetFeaturesRequest.newBuilder()
                    .addAllCustomerIds(
                        IntStream.rangeClosed(from, to)
                            .mapToObj(FeatureStatisticsTest::customer)
                            .toList())
                    .setFeatures(FeatureNames.newBuilder().addAllNames(List.of(features)))
                    .build());
    assertThat(answer.getCustomersCount()).isEqualTo(to - from + 1);
  }

  private static GetFeatureStatisticsResponse statistics(
      TestingFeatureStore store, String... names) {
    return store
        .stub()
        .getFeatureStatistics(
            GetFeatureStatisticsRequest.newBuilder().addAllNames(List.of(names)).build());
  }

  private static KllFloatsSketch sketch(TestingFeatureStore store) {
    ByteString sketch =
        store
            .stub()
            .getFeatureStatistics(
                GetFeatureStatisticsRequest.newBuilder()
                    .addNames(VALUE)
                    .setWithSketches(true)
                    .build())
            .getFeatures(0)
            .getSketch();
    return KllFloatsSketch.heapify(MemorySegment.ofArray(sketch.toByteArray()));
  }
}
