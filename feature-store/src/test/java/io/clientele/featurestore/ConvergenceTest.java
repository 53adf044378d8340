package io.clientele.featurestore;

import static io.clientele.featurestore.TestingEvents.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.featurestore.store.RedisProcess;
import io.clientele.featurestore.store.RedisSettings;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.RecordEventsResponse;
import io.clientele.featurestore.v1.Verdict;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
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
  @TempDir private Path directory;

  @Test
  void aWholeLogTwiceChangesNothing() throws IOException {
    List<Event> log = TestingEvents.log(1, 100, 3_000);
    try (RedisProcess redis = RedisProcess.start(directory, 0);
        TestingFeatureStore store = store(redis.uri())) {
      store.awaitHealth(ServingStatus.SERVING);
      assertThat(verdicts(TestingProducer.recordAll(store.channel(), log, 500)))
          .containsOnly(Verdict.APPLIED);
      Map<String, Map<String, String>> once = content(redis.uri(), "v", "s", "l");

      Collections.shuffle(log, new Random(2));
      assertThat(verdicts(TestingProducer.recordAll(store.channel(), log, 300)))
          .containsOnly(Verdict.DUPLICATE);

      assertThat(content(redis.uri(), "v", "s", "l")).isEqualTo(once).hasSize(100);
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
        assertThat(content(two, "s", "l")).isEqualTo(content(one, "s", "l")).hasSize(8);
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

  /** The bytes of these fields of every customer. */
  static Map<String, Map<String, String>> content(URI redis, String... fields) {
    try (var client = new Jedis(redis)) {
      return content(client, fields);
    }
  }

  /** The bytes of these fields of every customer. */
  static Map<String, Map<String, String>> content(Jedis client, String... fields) {
    var content = new TreeMap<String, Map<String, String>>();
    for (String key : client.keys("{b*}:c:*")) {
      var values = new TreeMap<String, String>();
      for (String field : fields) {
        byte[] value =
            client.hget(
                key.getBytes(StandardCharsets.UTF_8), field.getBytes(StandardCharsets.UTF_8));
        values.put(field, Base64.getEncoder().encodeToString(value));
      }
      content.put(key, values);
    }
    return content;
  }
}
