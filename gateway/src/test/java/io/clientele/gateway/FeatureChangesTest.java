package io.clientele.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.clientele.featurestore.v1.Change;
import io.clientele.featurestore.v1.WatchChangesResponse;
import io.clientele.gateway.v1.Provenance;
import io.clientele.gateway.v1.Scores;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The cache of a gateway that hears of changes: a minute with the feed, a second without. */
final class FeatureChangesTest {
  private TestingPlatform platform;

  @BeforeEach
  void start() {
    platform = start(Duration.ofSeconds(20));
    platform.store.put("alice", 400, 7);
  }

  private static TestingPlatform start(Duration patience) {
    return TestingPlatform.start(
        settings ->
            TestingPlatform.withCache(
                settings,
                new CacheSettings(
                    10_000,
                    Duration.ofMinutes(10),
                    Duration.ofMinutes(1),
                    Duration.ofSeconds(1),
                    patience)));
  }

  @AfterEach
  void close() {
    platform.close();
  }

  private Provenance score(String customer) {
    return provenance(platform.score(customer));
  }

  private static Provenance provenance(Scores scores) {
    return scores.getChurn().getOrigin().getProvenance();
  }

  private void later(Duration time) {
    platform.ticker.advance(time);
  }

  @Test
  void keepsAScoreForAsLongAsNothingChanges() {
    score("alice");
    later(Duration.ofSeconds(59));
    Provenance unchanged = score("alice");
    later(Duration.ofSeconds(1));
    Provenance old = score("alice");

    assertThat(unchanged).isEqualTo(Provenance.CACHED);
    assertThat(old).isEqualTo(Provenance.COMPUTED);
  }

  @Test
  void computesAgainOnceACustomerChanged() {
    score("alice");
    platform.store.put("bob", 10, 3);
    score("bob");
    later(Duration.ofMillis(1));
    platform.store.put("alice", 500, 8);
    platform.change("alice", 8);
    later(Duration.ofMillis(1));

    Scores alice = platform.score("alice");

    assertThat(alice.getFeatureVersion()).isEqualTo(8);
    assertThat(provenance(alice)).isEqualTo(Provenance.COMPUTED);
    assertThat(score("alice")).isEqualTo(Provenance.CACHED);
    assertThat(score("bob")).isEqualTo(Provenance.CACHED);
  }

  @Test
  void keepsAScoreThatHasTheChangeAlready() {
    score("alice");
    later(Duration.ofMillis(1));
    platform.change("alice", 7);

    assertThat(score("alice")).isEqualTo(Provenance.CACHED);
  }

  @Test
  void doesNotKeepWhatWasReadBeforeACustomerChanged() throws Exception {
    platform.store.reads.hang();
    try (ExecutorService callers = Executors.newSingleThreadExecutor()) {
      Future<Scores> before = callers.submit(() -> platform.score("alice"));
      platform.store.reads.awaitHeld(1);
      later(Duration.ofMillis(1));
      platform.change("alice", 8);
      later(Duration.ofMillis(1));
      platform.store.reads.heal();
      before.get();
    }

    assertThat(score("alice")).isEqualTo(Provenance.COMPUTED);
    assertThat(score("alice")).isEqualTo(Provenance.CACHED);
  }

  @Test
  void doesNotJoinALoadThatMayHaveReadBeforeACustomerChanged() throws Exception {
    platform.store.reads.hang();
    try (ExecutorService callers = Executors.newFixedThreadPool(2)) {
      Future<Scores> before = callers.submit(() -> platform.score("alice"));
      platform.store.reads.awaitHeld(1);
      platform.change("alice", 8);
      Future<Scores> after = callers.submit(() -> platform.score("alice"));
      platform.store.reads.awaitHeld(2);
      platform.store.put("alice", 500, 8);
      platform.store.reads.heal();

      assertThat(before.get().getFeatureVersion()).isPositive();
      assertThat(after.get().getFeatureVersion()).isEqualTo(8);
    }
  }

  @Test
  void saysTheLastKnownScoreOfAChangedCustomerWhileTheStoreIsAway() {
    score("alice");
    platform.change("alice", 8);
    platform.store.reads.fail(Status.UNAVAILABLE);

    assertThat(score("alice")).isEqualTo(Provenance.STALE);
  }

  @Test
  void forgetsACustomerByDigest() {
    score("alice");
    later(Duration.ofMillis(1));
    double before = platform.metric("clientele_gateway_changes");
    platform.store.tell(
        WatchChangesResponse.newBuilder()
            .addChanges(
                Change.newBuilder().setForgottenDigest(digest("alice")).setFeatureVersion(8)));
    while (platform.metric("clientele_gateway_changes") == before) {
      Thread.onSpinWait();
    }
    platform.store.reads.fail(Status.UNAVAILABLE);

    assertThat(score("alice")).isEqualTo(Provenance.PRIOR);
  }

  @Test
  void trustsNoScoreFromBeforeAGap() {
    score("alice");
    later(Duration.ofSeconds(2));
    platform.store.tell(WatchChangesResponse.newBuilder().setGap(true));
    platform.change("bob", 1); // behind the gap
    later(Duration.ofMillis(1));

    assertThat(score("alice")).isEqualTo(Provenance.COMPUTED);
    later(Duration.ofSeconds(2));
    assertThat(score("alice")).isEqualTo(Provenance.CACHED);
  }

  @Test
  void keepsScoresForAShorterTimeWhileTheFeedIsLost() {
    score("alice");
    platform.store.endFeed();
    platform.awaitFeed(false);
    Provenance young = score("alice");
    later(Duration.ofSeconds(1));
    Provenance old = score("alice");

    assertThat(young).isEqualTo(Provenance.CACHED);
    assertThat(old).isEqualTo(Provenance.COMPUTED);
  }

  @Test
  void trustsOnlyScoresSinceTheFeedIsBack() {
    score("alice");
    platform.store.endFeed();
    platform.awaitFeed(false);
    later(Duration.ofSeconds(2));
    platform.store.beginFeed();
    platform.awaitFeed(true);
    Provenance before = score("alice");
    later(Duration.ofSeconds(2));
    Provenance since = score("alice");

    assertThat(before).isEqualTo(Provenance.COMPUTED);
    assertThat(since).isEqualTo(Provenance.CACHED);
  }

  @Test
  void goesOnWhereTheFeedWasLost() {
    ByteString token = ByteString.copyFromUtf8("there");
    platform.store.tell(WatchChangesResponse.newBuilder().setToken(token));
    platform.change("alice", 7); // behind the token
    platform.store.watchRequests.clear();
    platform.store.endFeed();
    platform.awaitFeed(false);
    platform.store.beginFeed();
    platform.awaitFeed(true);

    assertThat(platform.store.watchRequests.remove().getToken()).isEqualTo(token);
  }

  @Test
  void hasNothingLeftToSayAfterAGap() {
    score("alice");
    platform.store.tell(WatchChangesResponse.newBuilder().setGap(true));
    platform.change("bob", 1); // behind the gap
    platform.store.reads.fail(Status.UNAVAILABLE);

    assertThat(score("alice")).isEqualTo(Provenance.PRIOR);
  }

  @Test
  void saysNoScoreThatIsOlderThanTheRetentionHoweverOftenTheCustomerChanges() {
    score("alice");
    platform.store.reads.fail(Status.UNAVAILABLE);
    for (int change = 1; change <= 3; change++) {
      later(Duration.ofMinutes(4));
      platform.change("alice", 7 + change);
    }

    assertThat(score("alice")).isEqualTo(Provenance.PRIOR);
  }

  @Test
  void countsAFeedThatIsSilentAsLost() {
    try (TestingPlatform impatient = start(Duration.ofMillis(50))) {
      impatient.store.endFeed(); // and whoever comes again is not answered
      impatient.awaitFeed(false);
      impatient.store.beginFeed();
      impatient.awaitFeed(true);
      impatient.awaitFeed(false);
    }
  }

  private static ByteString digest(String customer) {
    try {
      byte[] sha256 =
          MessageDigest.getInstance("SHA-256").digest(customer.getBytes(StandardCharsets.UTF_8));
      return ByteString.copyFrom(Arrays.copyOf(sha256, 16));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
