package io.clientele.featurestore;

import static io.clientele.featurestore.TestingEvents.NOW;
import static io.clientele.featurestore.TestingEvents.order;
import static io.clientele.featurestore.TestingWriter.CATALOG;
import static io.clientele.featurestore.TestingWriter.batch;
import static io.clientele.featurestore.TestingWriter.embedding;
import static io.clientele.featurestore.TestingWriter.mails;
import static io.clientele.featurestore.TestingWriter.number;
import static io.clientele.featurestore.TestingWriter.profile;
import static io.clientele.featurestore.TestingWriter.write;
import static io.clientele.featurestore.TestingWriter.writeAll;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.store.RedisProcess;
import io.clientele.featurestore.store.RedisSettings;
import io.clientele.featurestore.v1.CustomerStatus;
import io.clientele.featurestore.v1.DescribeCustomerRequest;
import io.clientele.featurestore.v1.DescribeCustomerResponse;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.FeatureDescription;
import io.clientele.featurestore.v1.FeatureDescription.Presence;
import io.clientele.featurestore.v1.FeatureNames;
import io.clientele.featurestore.v1.FeatureWrite;
import io.clientele.featurestore.v1.ForgetCustomerRequest;
import io.clientele.featurestore.v1.GetCatalogRequest;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import io.clientele.featurestore.v1.LastRefused;
import io.clientele.featurestore.v1.Reason;
import io.clientele.featurestore.v1.RecordEventsRequest;
import io.clientele.featurestore.v1.Verdict;
import io.clientele.featurestore.v1.WriteFeaturesRequest;
import io.clientele.featurestore.v1.WriteFeaturesResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.params.ClientKillParams;

final class WriteFeaturesTest {
  private static final String APPLIED =
      "clientele_feature_writes_total{group=\"profile\",verdict=\"applied\"}";
  private static final String REJECTED =
      "clientele_feature_writes_total{group=\"unknown\",verdict=\"rejected\"}";
  private static final String DAMAGED = "clientele_feature_rows_total{status=\"damaged\"}";
  private static final String KEY_PATTERN = "{b*}:c:";

  @TempDir private static Path directory;
  private static RedisProcess redis;
  private static AtomicReference<Instant> now;
  private static TestingFeatureStore store;
  private Jedis admin;

  @BeforeAll
  static void start() throws IOException {
    now = new AtomicReference<>(NOW);
    redis = RedisProcess.start(directory, 0);
    store = start(CATALOG);
  }

  @AfterAll
  static void stop() {
    store.close();
    redis.close();
  }

  @BeforeEach
  void beginWithNobody() {
    now.set(NOW);
    admin = new Jedis(redis.uri());
    admin.flushAll();
  }

  @AfterEach
  void disconnect() {
    admin.close();
  }

  private static TestingFeatureStore start(Catalog catalog) {
    var started =
        new TestingFeatureStore(
            RedisSettings.on(redis.uri()), catalog, directory.resolve("models"), now::get);
    started.awaitHealth(ServingStatus.SERVING);
    return started;
  }

  @Test
  void readsWhatWasWritten() {
    WriteFeaturesResponse answer =
        write(
            store.channel(),
            profile("alice", NOW, 31, "west").putValues("taste", embedding(1, 2, 3)),
            mails("alice", NOW, "yes"),
            mails("bob", NOW, "no"));

    assertThat(answer.getSequence()).isEqualTo(1);
    assertThat(answer.getVerdictsList()).containsOnly(Verdict.APPLIED).hasSize(3);
    assertThat(answer.getFeatureVersionsList()).containsExactly(1L, 1L, 1L);
    assertThat(answer.getReasonsList()).isEmpty();
    GetFeaturesResponse matrix = store.features("alice", "bob", "stranger");
    assertThat(matrix.getCustomersList())
        .containsExactly(CustomerStatus.FOUND, CustomerStatus.FOUND, CustomerStatus.UNKNOWN);
    assertThat(row(matrix, 0))
        .containsEntry("age_years", 31f)
        .containsEntry("region", 3f)
        .containsEntry("taste_2", 3f)
        .containsEntry("mails", 1f)
        .containsEntry("orders", 0f)
        .containsEntry("recency", null);
    assertThat(row(matrix, 1)).containsEntry("age_years", null).containsEntry("mails", 0f);
    assertThat(row(matrix, 2)).containsEntry("age_years", null).containsEntry("mails", null);
    assertThat(FeatureStoreServerTest.value(matrix, 1, column(matrix, "age_years"))).isEqualTo(40);
    assertThat(matrix.getStaleness().isEmpty()).isTrue();
    assertThat(matrix.getAges().isEmpty()).isTrue();
    assertThat(matrix.getUnansweredList()).isEmpty();
  }

  @Test
  void givesEachWriteAVerdict() {
    double applied = metric(APPLIED);
    double rejected = metric(REJECTED);
    write(store.channel(), profile("alice", NOW, 31, "west"));

    WriteFeaturesResponse answer =
        write(
            store.channel(),
            profile("alice", NOW, 31, "west"),
            profile("alice", NOW.minusSeconds(1), 30, "west"),
            profile("alice", NOW.plusSeconds(1), 31, "west2"),
            profile("alice", NOW.plusSeconds(301), 31, "west"),
            profile("alice", NOW, 31, "west").setGroup("order"),
            profile("alice", NOW, 31, "west").clearEventTime(),
            profile("", NOW, 31, "west"),
            profile("alice", NOW.plusSeconds(2), 32, "east"));

    assertThat(answer.getVerdictsList())
        .containsExactly(
            Verdict.DUPLICATE,
            Verdict.STALE,
            Verdict.REJECTED,
            Verdict.REJECTED,
            Verdict.REJECTED,
            Verdict.REJECTED,
            Verdict.REJECTED,
            Verdict.APPLIED);
    assertThat(answer.getFeatureVersionsList()).containsExactly(2L, 2L, 0L, 0L, 0L, 0L, 0L, 2L);
    assertThat(answer.getReasonsList())
        .extracting(
            reason -> reason.getIndex() + " " + reason.getField() + ": " + reason.getMessage())
        .containsExactly(
            "1 event_time: 2026-06-30T11:59:59Z (expected: later than 2026-06-30T12:00:00Z)",
            "2 values.region: west2 (expected: one of north, south, east, west)",
            "3 event_time: 301000 ms ahead of the clock (expected: at most 300000 ms)",
            "4 group: order (expected: one of profile, consent)",
            "5 event_time: missing (expected: a time)",
            "6 customer_id: empty (expected: 1 to 256 bytes of UTF-8)");
    assertThat(metric(APPLIED) - applied).isEqualTo(2);
    assertThat(metric(REJECTED) - rejected).isEqualTo(1);
  }

  @Test
  void refusesTooManyAndASourceThatIsTooLong() {
    List<FeatureWrite> many = Collections.nCopies(1_001, profile("alice", NOW, 31, "west").build());

    assertThatThrownBy(() -> writeAll(store.channel(), List.of(batch(1, many))))
        .hasMessageContaining("INVALID_ARGUMENT: writes: 1001 writes (expected: at most 1000)");
    assertThatThrownBy(
            () ->
                writeAll(
                    store.channel(),
                    List.of(WriteFeaturesRequest.newBuilder().setSource("x".repeat(65)).build())))
        .hasMessageContaining("INVALID_ARGUMENT: source: 65 bytes");
    try (var producer = new TestingProducer(store.channel())) {
      producer.send(RecordEventsRequest.newBuilder().setSource("x".repeat(65)).build());
      assertThat(producer.end().getDescription())
          .contains("source: 65 bytes", "expected: at most 64 bytes of UTF-8");
    }
  }

  @Test
  void answersBatchesInTheirOrder() {
    List<WriteFeaturesRequest> batches =
        IntStream.range(0, 40)
            .mapToObj(
                i ->
                    batch(
                        i,
                        Collections.nCopies(
                            i % 7 == 0 ? 0 : 25,
                            mails("customer-" + i % 5, NOW.minusSeconds(40 - i), "yes").build())))
            .toList();

    assertThat(writeAll(store.channel(), batches))
        .extracting(WriteFeaturesResponse::getSequence)
        .containsExactlyElementsOf(
            batches.stream().map(WriteFeaturesRequest::getSequence).toList());
  }

  @Test
  void marksWhatIsOlderThanItsLimitAndTellsAges() {
    write(store.channel(), profile("alice", NOW, 31, "west"), mails("alice", NOW, "yes"));
    TestingProducer.record(store.channel(), order("bob", "o1", NOW.minusSeconds(90), 5).build());
    now.set(NOW.plus(Duration.ofDays(30)).plusMillis(1));

    GetFeaturesResponse matrix = get(request("bob", "alice").setWithAges(true));

    assertThat(row(matrix, 1)).containsEntry("age_years", 31f).containsEntry("mails", 1f);
    assertThat(matrix.getStaleness().size()).isEqualTo(matrix.getPresence().size());
    assertThat(stale(matrix, 0)).isEmpty();
    assertThat(stale(matrix, 1)).containsExactly("age_years", "region");
    assertThat(age(matrix, 1, "age_years")).isEqualTo(30 * 86_400f);
    assertThat(age(matrix, 1, "taste_0")).isNaN();
    assertThat(age(matrix, 1, "orders")).isNaN();
    assertThat(age(matrix, 0, "orders")).isEqualTo(30 * 86_400f + 90);
    assertThat(age(matrix, 0, "age_years")).isNaN();
    DescribeCustomerResponse description = describe("alice");
    assertThat(feature(description, "region").getPresence()).isEqualTo(Presence.STALE);
    assertThat(feature(description, "region").getValue()).isEqualTo(3);
    assertThat(description.getGroups(0).getStale()).isTrue();
    assertThat(description.getGroups(1).getStale()).isFalse();
  }

  @Test
  void eventsAndWritesOfACustomerShareOneVersion() {
    long ordered =
        TestingProducer.record(store.channel(), order("alice", "o1", NOW, 5).build())
            .getFeatureVersions(0);
    long written = write(store.channel(), mails("alice", NOW, "yes")).getFeatureVersions(0);

    assertThat(written).isEqualTo(ordered + 1);
    assertThat(store.features("alice").getFeatureVersionsList()).containsExactly(written);
    assertThat(row(store.features("alice"), 0))
        .containsEntry("orders", 1f)
        .containsEntry("mails", 1f);
  }

  @Test
  void readsYourOwnWrite() {
    long version = write(store.channel(), mails("alice", NOW, "yes")).getFeatureVersions(0);

    assertThat(
            get(request("stranger", "alice")
                    .addMinFeatureVersions(5)
                    .addMinFeatureVersions(version))
                .getCustomersList())
        .containsExactly(CustomerStatus.UNKNOWN, CustomerStatus.FOUND);
    assertThatThrownBy(
            () ->
                get(
                    request("stranger", "alice")
                        .addMinFeatureVersions(0)
                        .addMinFeatureVersions(version + 1)))
        .hasMessage(
            "UNAVAILABLE: redis is unavailable: customer_ids[1] is at feature version 1 (expected:"
                + " >= 2), so it has lost writes");
    assertThatThrownBy(() -> get(request("stranger", "alice").addMinFeatureVersions(0)))
        .hasMessage(
            "INVALID_ARGUMENT: min_feature_versions: 1 versions (expected: none, or 2, one a"
                + " customer)");
  }

  @Test
  void explainsWhoWroteWhatAndWhatWasRefusedLast() {
    write(
        store.channel(),
        profile("alice", NOW.minusSeconds(5), 31, "west"),
        profile("alice", NOW, 31, "west2"));

    DescribeCustomerResponse description = describe("alice");

    assertThat(feature(description, "region").getOrigin())
        .isEqualTo("written by crm, 2026-06-30T11:59:55Z");
    assertThat(feature(description, "region").getAgeSeconds()).isEqualTo(5);
    assertThat(feature(description, "mails").getOrigin()).isEqualTo("consent was never written");
    assertThat(feature(description, "orders").getOrigin()).isEqualTo("no order event");
    assertThat(description.getGroupsList())
        .singleElement()
        .satisfies(
            group -> {
              assertThat(group.getGroup()).isEqualTo("profile");
              assertThat(group.getSource()).isEqualTo("crm");
              assertThat(group.getEventTime())
                  .isEqualTo(TestingEvents.timestamp(NOW.minusSeconds(5)));
              assertThat(group.getWrittenAt()).isEqualTo(TestingEvents.timestamp(NOW));
              assertThat(group.getStale()).isFalse();
            });
    assertThat(description.getStateBytes()).isPositive();
    assertThat(description.getLastRefused())
        .isEqualTo(
            LastRefused.newBuilder()
                .setRefusedAt(TestingEvents.timestamp(NOW))
                .setWhat("profile")
                .setSource("crm")
                .setVerdict(Verdict.REJECTED)
                .setReason(
                    Reason.newBuilder()
                        .setIndex(1)
                        .setField("values.region")
                        .setMessage("west2 (expected: one of north, south, east, west)"))
                .build());
    assertThat(describe("somebody-else").hasLastRefused()).isFalse();
  }

  @Test
  void remembersTheLastEventThatWasRefused() {
    try (var producer = new TestingProducer(store.channel())) {
      producer.send(
          RecordEventsRequest.newBuilder()
              .setSource("shop")
              .addEvents(order("alice", "o1", NOW, Double.NaN))
              .addEvents(order("alice", "o2", NOW.minus(Duration.ofDays(500)), 1))
              .build());
      assertThat(producer.answer().getVerdictsList())
          .containsExactly(Verdict.REJECTED, Verdict.TOO_OLD);
    }

    LastRefused last = describe("alice").getLastRefused();
    assertThat(last.getWhat()).isEqualTo("order");
    assertThat(last.getSource()).isEqualTo("shop");
    assertThat(last.getVerdict()).isEqualTo(Verdict.TOO_OLD);
    assertThat(last.getReason().getField()).isEqualTo("event_time");
  }

  @Test
  void aDamagedCustomerDoesNotSpoilTheOthers() {
    write(store.channel(), mails("bob", NOW, "yes"), mails("alice", NOW, "yes"));
    TestingProducer.record(store.channel(), order("alice", "o1", NOW, 5).build());
    admin.hset(key("alice"), "s", "not a state");
    double damaged = metric(DAMAGED);

    GetFeaturesResponse matrix = store.features("bob", "alice", "bob");

    assertThat(matrix.getCustomersList())
        .containsExactly(CustomerStatus.FOUND, CustomerStatus.DAMAGED, CustomerStatus.FOUND);
    assertThat(row(matrix, 0)).containsEntry("mails", 1f).isEqualTo(row(matrix, 2));
    assertThat(row(matrix, 1).values()).containsOnlyNulls();
    assertThat(FeatureStoreServerTest.value(matrix, 1, column(matrix, "recency"))).isEqualTo(99);
    assertThat(matrix.getFeatureVersions(1)).isEqualTo(2);
    assertThat(metric(DAMAGED) - damaged).isEqualTo(1);
    DescribeCustomerResponse description = describe("alice");
    assertThat(description.getStatus()).isEqualTo(CustomerStatus.DAMAGED);
    assertThat(description.getFeaturesList())
        .hasSize(matrix.getFeatureNamesCount())
        .allSatisfy(
            feature -> {
              assertThat(feature.getPresence()).isEqualTo(Presence.UNANSWERED);
              assertThat(feature.getOrigin()).startsWith("state ");
            });
    assertThat(write(store.channel(), mails("alice", NOW.plusSeconds(1), "no")).getVerdictsList())
        .containsExactly(Verdict.APPLIED);
  }

  @Test
  void aDamagedGroupIsUnansweredUntilItIsWrittenAgain() {
    write(store.channel(), profile("alice", NOW, 31, "west"), mails("alice", NOW, "yes"));
    byte[] packed = admin.hget(key("alice").getBytes(UTF_8), "g:profile".getBytes(UTF_8));
    packed[packed.length - 1]++;
    admin.hset(key("alice").getBytes(UTF_8), "g:profile".getBytes(UTF_8), packed);

    GetFeaturesResponse matrix = store.features("alice");

    assertThat(matrix.getCustomersList()).containsExactly(CustomerStatus.FOUND);
    assertThat(row(matrix, 0)).containsEntry("region", null).containsEntry("mails", 1f);
    assertThat(matrix.getUnansweredList())
        .containsExactly("age_years", "region", "taste_0", "taste_1", "taste_2");
    assertThat(get(request("alice").setFeatures(names("mails"))).getUnansweredList()).isEmpty();
    assertThat(feature(describe("alice"), "region").getOrigin())
        .isEqualTo("what was written to profile is damaged");

    write(store.channel(), profile("alice", NOW.minusSeconds(9), 30, "east"));
    assertThat(row(store.features("alice"), 0)).containsEntry("region", 2f);
    assertThat(store.features("alice").getUnansweredList()).isEmpty();
  }

  @Test
  void aGroupThatIsDefinedAnewIsUnansweredUntilItIsWrittenAgain() {
    write(store.channel(), profile("alice", NOW, 31, "west"), mails("alice", NOW, "yes"));
    Catalog other =
        Catalog.parse(
            "other.yaml",
            TestingWriter.YAML.replace(
                "taste: {type: embedding, size: 3}", "taste: {type: number}"));

    try (TestingFeatureStore changed = start(other)) {
      GetFeaturesResponse matrix = changed.features("alice");
      assertThat(matrix.getCustomersList()).containsExactly(CustomerStatus.FOUND);
      assertThat(matrix.getUnansweredList()).containsExactly("age_years", "region", "taste");
      assertThat(row(matrix, 0)).containsEntry("mails", 1f).containsEntry("region", null);

      write(changed.channel(), profile("alice", NOW, 32, "east").putValues("taste", number(7)));
      assertThat(row(changed.features("alice"), 0))
          .containsEntry("taste", 7f)
          .containsEntry("region", 2f);
    }
  }

  @Test
  void tellsItsGroups() {
    var catalog = store.stub().getCatalog(GetCatalogRequest.getDefaultInstance());

    assertThat(catalog.getGroupsList()).hasSize(2);
    assertThat(catalog.getGroups(0).getName()).isEqualTo("profile");
    assertThat(catalog.getGroups(0).getMaxAgeSeconds()).isEqualTo(30 * 86_400);
    assertThat(catalog.getGroups(1).getMaxAgeSeconds()).isZero();
    assertThat(catalog.getGroups(0).getFieldsList())
        .extracting(field -> field.getName() + " " + field.getType() + " " + field.getSize())
        .containsExactly("age_years number 1", "region label 1", "taste embedding 3");
    assertThat(catalog.getGroups(0).getFields(1).getVocabularyList())
        .containsExactly("north", "south", "east", "west");
    assertThat(catalog.getFeaturesList()).hasSize(8);
  }

  @Test
  void forgetsGroups() {
    write(
        store.channel(),
        profile("alice", NOW.minusSeconds(1), 31, "west"),
        profile("alice", NOW, 31, "x"));

    var receipt =
        store
            .stub()
            .forgetCustomer(ForgetCustomerRequest.newBuilder().setCustomerId("alice").build());

    assertThat(receipt.getGroupsList()).containsExactly("profile");
    assertThat(store.features("alice").getCustomersList()).containsExactly(CustomerStatus.UNKNOWN);
    WriteFeaturesResponse late = write(store.channel(), profile("alice", NOW, 31, "west"));
    assertThat(late.getVerdictsList()).containsExactly(Verdict.FORGOTTEN);
    assertThat(describe("alice").hasLastRefused()).isFalse();
  }

  /** Whoever writes first, on whichever server: the last write holds, and each event counts. */
  @Test
  void twoServersGiveWhatOneGives() {
    int customers = 6;
    List<FeatureWrite> writes = new ArrayList<>();
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      String customer = "customer-" + i % customers;
      Instant time = NOW.minusSeconds(i / customers);
      writes.add(profile(customer, time, i, i % 2 == 0 ? "east" : "west").build());
      writes.add(profile(customer, time, i + 1, "north").build());
      writes.add(mails(customer, time, i % 3 == 0 ? "yes" : "no").build());
      events.add(order(customer, "o" + i, time, 1).build());
    }
    List<FeatureWrite> shuffled = new ArrayList<>(writes);
    Collections.shuffle(shuffled, new Random(5));

    try (TestingFeatureStore other = start(CATALOG)) {
      var all =
          List.of(
              CompletableFuture.supplyAsync(() -> verdicts(store, writes)),
              CompletableFuture.supplyAsync(() -> verdicts(other, shuffled)),
              CompletableFuture.supplyAsync(
                  () ->
                      TestingProducer.recordAll(store.channel(), events, 20).stream()
                          .flatMap(answer -> answer.getVerdictsList().stream())
                          .toList()));
      List<Verdict> verdicts = all.stream().flatMap(v -> v.join().stream()).toList();

      assertThat(verdicts)
          .hasSize(2 * writes.size() + events.size())
          .isSubsetOf(Verdict.APPLIED, Verdict.STALE, Verdict.DUPLICATE);
      String[] names =
          IntStream.range(0, customers).mapToObj(i -> "customer-" + i).toArray(String[]::new);
      GetFeaturesResponse here = store.features(names);
      GetFeaturesResponse there = other.features(names);
      assertThat(there.getValues()).isEqualTo(here.getValues());
      try (TestingFeatureStore alone =
          new TestingFeatureStore(
              RedisSettings.on(redis.uri().resolve("/1")),
              CATALOG,
              directory.resolve("models"),
              now::get)) {
        alone.awaitHealth(ServingStatus.SERVING);
        TestingProducer.recordAll(alone.channel(), events, 500);
        verdicts(alone, writes.reversed());
        assertThat(alone.features(names).getValues()).isEqualTo(here.getValues());
      }
    }
  }

  @Test
  void aBatchWhoseAnswerWasLostCanBeSentAgain() {
    List<FeatureWrite> writes =
        IntStream.range(0, 300)
            .mapToObj(
                i -> profile("customer-" + i % 30, NOW.minusSeconds(i / 30), i, "west").build())
            .toList();
    var killer =
        CompletableFuture.runAsync(
            () -> {
              try (var client = new Jedis(redis.uri())) {
                for (int i = 0; i < 60; i++) {
                  client.clientKill(
                      ClientKillParams.clientKillParams()
                          .type(ClientType.NORMAL)
                          .skipMe(ClientKillParams.SkipMe.YES));
                }
              }
            });
    // Each try ends: by an answer, or by UNAVAILABLE, whose batch is sent again as it was.
    while (!killer.isDone()) {
      try {
        verdicts(store, writes);
      } catch (RuntimeException lost) {
        assertThat(lost).hasMessageContaining("UNAVAILABLE");
      }
    }
    killer.join();
    store.awaitHealth(ServingStatus.SERVING);

    assertThat(sendUntilAnswered(writes))
        .isSubsetOf(Verdict.APPLIED, Verdict.DUPLICATE, Verdict.STALE);
    assertThat(sendUntilAnswered(writes)).isSubsetOf(Verdict.DUPLICATE, Verdict.STALE);
    for (int i = 0; i < 30; i++) {
      assertThat(row(store.features("customer-" + i), 0)).containsEntry("age_years", (float) i);
    }
  }

  private static List<Verdict> sendUntilAnswered(List<FeatureWrite> writes) {
    for (int attempt = 0; attempt < 100; attempt++) {
      try {
        return verdicts(store, writes);
      } catch (RuntimeException lost) {
        assertThat(lost).hasMessageContaining("UNAVAILABLE");
        store.awaitHealth(ServingStatus.SERVING);
      }
    }
    throw new AssertionError("never answered");
  }

  private static List<Verdict> verdicts(TestingFeatureStore store, List<FeatureWrite> writes) {
    List<WriteFeaturesRequest> batches = new ArrayList<>();
    for (int from = 0; from < writes.size(); from += 25) {
      batches.add(batch(from, writes.subList(from, Math.min(writes.size(), from + 25))));
    }
    return writeAll(store.channel(), batches).stream()
        .flatMap(answer -> answer.getVerdictsList().stream())
        .toList();
  }

  private static double metric(String name) {
    return store
        .metrics()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  private String key(String customer) {
    return admin.keys(KEY_PATTERN + customer).iterator().next();
  }

  private static GetFeaturesRequest.Builder request(String... customers) {
    return GetFeaturesRequest.newBuilder().addAllCustomerIds(List.of(customers));
  }

  private static FeatureNames names(String... names) {
    return FeatureNames.newBuilder().addAllNames(List.of(names)).build();
  }

  private static GetFeaturesResponse get(GetFeaturesRequest.Builder request) {
    return store.stub().getFeatures(request.build());
  }

  private static DescribeCustomerResponse describe(String customer) {
    return store
        .stub()
        .describeCustomer(DescribeCustomerRequest.newBuilder().setCustomerId(customer).build());
  }

  private static FeatureDescription feature(DescribeCustomerResponse description, String name) {
    return description.getFeaturesList().stream()
        .filter(feature -> feature.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static int column(GetFeaturesResponse matrix, String feature) {
    return matrix.getFeatureNamesList().indexOf(feature);
  }

  /** By name; missing ones are null. */
  private static Map<String, Float> row(GetFeaturesResponse matrix, int row) {
    Map<String, Float> features = new LinkedHashMap<>();
    for (int column = 0; column < matrix.getFeatureNamesCount(); column++) {
      features.put(
          matrix.getFeatureNames(column),
          FeatureStoreServerTest.isPresent(matrix, row, column)
              ? FeatureStoreServerTest.value(matrix, row, column)
              : null);
    }
    return features;
  }

  private static List<String> stale(GetFeaturesResponse matrix, int row) {
    int width = (matrix.getFeatureNamesCount() + 7) / 8;
    return IntStream.range(0, matrix.getFeatureNamesCount())
        .filter(c -> (matrix.getStaleness().byteAt(row * width + c / 8) >> (c % 8) & 1) == 1)
        .mapToObj(matrix::getFeatureNames)
        .toList();
  }

  private static float age(GetFeaturesResponse matrix, int row, String feature) {
    return matrix
        .getAges()
        .asReadOnlyByteBuffer()
        .order(ByteOrder.LITTLE_ENDIAN)
        .getFloat(4 * (row * matrix.getFeatureNamesCount() + column(matrix, feature)));
  }
}
