package io.clientele.featurestore;

import static io.clientele.featurestore.TestingEvents.NOW;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.engine.CustomerState;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.PackedState;
import io.clientele.featurestore.store.RedisProcess;
import io.clientele.featurestore.store.RedisSettings;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.RecordEventsResponse;
import io.clientele.featurestore.v1.Verdict;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

final class ConvergenceTest {
  private static final FeaturePlan PLAN = FeaturePlan.of(Catalog.retail());

  @TempDir private Path directory;

  @Test
  void aWholeLogTwiceChangesNothing() throws IOException {
    List<Event> log = TestingEvents.log(1, 100, 3_000);
    try (RedisProcess redis = RedisProcess.start(directory, 0);
        TestingFeatureStore store = store(redis.uri())) {
      store.awaitHealth(ServingStatus.SERVING);
      assertThat(verdicts(TestingProducer.recordAll(store.channel(), log, 500)))
          .containsOnly(Verdict.APPLIED);
      Map<String, Map<String, String>> once = stored(redis.uri());

      Collections.shuffle(log, new Random(2));
      assertThat(verdicts(TestingProducer.recordAll(store.channel(), log, 300)))
          .containsOnly(Verdict.DUPLICATE);

      assertThat(stored(redis.uri())).isEqualTo(once).hasSize(100);
    }
  }

  @Test
  void twoProcessesGiveWhatOneGives() throws IOException {
    List<Event> log = TestingEvents.log(3, 8, 2_000);
    List<Event> shuffled = new ArrayList<>(log);
    Collections.shuffle(shuffled, new Random(4));
    try (RedisProcess redis = RedisProcess.start(directory, 0)) {
      URI one = redis.uri();
      URI two = one.resolve("/1");
      try (TestingFeatureStore alone = store(one);
          TestingFeatureStore left = store(two);
          TestingFeatureStore right = store(two)) {
        alone.awaitHealth(ServingStatus.SERVING);
        left.awaitHealth(ServingStatus.SERVING);
        right.awaitHealth(ServingStatus.SERVING);
        TestingProducer.recordAll(alone.channel(), log, 100);

        // Both send everything, so that each event is applied by one and a duplicate to the other.
        var both =
            List.of(
                CompletableFuture.supplyAsync(
                    () -> TestingProducer.recordAll(left.channel(), log, 10)),
                CompletableFuture.supplyAsync(
                    () -> TestingProducer.recordAll(right.channel(), shuffled, 10)));
        List<Verdict> verdicts =
            both.stream().flatMap(answers -> verdicts(answers.join()).stream()).toList();

        assertThat(verdicts).filteredOn(Verdict.APPLIED::equals).hasSize(log.size());
        assertThat(verdicts).filteredOn(Verdict.DUPLICATE::equals).hasSize(log.size());
        assertThat(states(two)).isEqualTo(states(one)).hasSize(8);
      }
    }
  }

  private TestingFeatureStore store(URI redis) {
    return new TestingFeatureStore(
        RedisSettings.on(redis), directory.resolve("models"), new TestingClock(NOW));
  }

  private static List<Verdict> verdicts(List<RecordEventsResponse> answers) {
    return answers.stream().flatMap(answer -> answer.getVerdictsList().stream()).toList();
  }

  /** The bytes of every field of every customer. */
  static Map<String, Map<String, String>> stored(URI redis) {
    var stored = new TreeMap<String, Map<String, String>>();
    try (var client = new Jedis(redis)) {
      for (String key : client.keys("{b*}:c:*")) {
        var values = new TreeMap<String, String>();
        client
            .hgetAll(key.getBytes(UTF_8))
            .forEach((field, value) -> values.put(new String(field, UTF_8), base64(value)));
        stored.put(key, values);
      }
    }
    return stored;
  }

  /** What every customer's state comes to, however it was written: the same for the same events. */
  static Map<String, List<String>> states(Jedis client) {
    var states = new TreeMap<String, List<String>>();
    for (String key : client.keys("{b*}:c:*")) {
      Map<String, byte[]> fields = new TreeMap<>();
      client
          .hgetAll(key.getBytes(UTF_8))
          .forEach((field, value) -> fields.put(new String(field, UTF_8), value));
      PackedState whole =
          CustomerState.decode(
                  PLAN,
                  requireNonNull(fields.get("s")),
                  requireNonNull(fields.get("l")),
                  fields.getOrDefault("t", new byte[0]))
              .encode();
      states.put(key, List.of(base64(whole.summary()), base64(whole.ledger())));
    }
    return states;
  }

  static Map<String, List<String>> states(URI redis) {
    try (var client = new Jedis(redis)) {
      return states(client);
    }
  }

  private static String base64(byte[] value) {
    return Base64.getEncoder().encodeToString(value);
  }
}
