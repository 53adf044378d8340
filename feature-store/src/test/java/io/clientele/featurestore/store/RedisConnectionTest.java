package io.clientele.featurestore.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clientele.grpc.Metrics;
import io.clientele.grpc.UnavailableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

final class RedisConnectionTest {
  @TempDir private Path directory;
  private RedisProcess redis;

  @BeforeEach
  void start() throws IOException {
    redis = RedisProcess.start(directory, 0);
  }

  @AfterEach
  void stop() {
    redis.close();
  }

  private RedisConnection connection(RedisSettings settings) {
    var nodes = new RedisNodes(settings.topology());
    var format = new StoreFormat(settings.buckets(), nodes);
    return new RedisConnection(
        settings,
        "test",
        nodes,
        format,
        settings.replication(),
        new RedisRefusals(Metrics.start(null)));
  }

  @Test
  void givesAReplyACommandAndErrorsAsReplies() {
    try (RedisConnection connection = connection(RedisSettings.on(redis.uri()))) {
      assertThat(
              connection.read(
                  pipeline -> {
                    pipeline.send(0, Command.SET, bytes("text"), bytes("value"));
                    pipeline.send(0, Command.HGET, bytes("text"), bytes("v"));
                    pipeline.send(0, Command.GET, bytes("text"));
                  }))
          .satisfiesExactly(
              ok -> assertThat(ok).isEqualTo(bytes("OK")),
              error -> assertThat(error).isInstanceOf(JedisDataException.class),
              value -> assertThat(value).isEqualTo(bytes("value")));
    }
  }

  @Test
  void givesNoTripTheRepliesOfOneThatBroke() {
    try (RedisConnection connection = connection(RedisSettings.on(redis.uri()))) {
      connection.write(pipeline -> pipeline.send(0, Command.SET, bytes("mine"), bytes("1")));
      assertThatThrownBy(
              () ->
                  connection.read(
                      pipeline -> {
                        pipeline.send(0, Command.ECHO, bytes("another's"));
                        throw new OutOfMemoryError("in the middle of a trip");
                      }))
          .isInstanceOf(OutOfMemoryError.class);

      assertThat(connection.read(pipeline -> pipeline.send(0, Command.GET, bytes("mine"))))
          .containsExactly(bytes("1"));
    }
  }

  @Test
  void endsAWriteThatBlocksBecauseRedisHangs() throws Exception {
    RedisSettings settings = RedisSettings.on(redis.uri()).withTimeout(Duration.ofMillis(100));
    byte[] megabyte = new byte[1 << 20];
    try (RedisConnection connection = connection(settings);
        var watch = Executors.newSingleThreadScheduledExecutor()) {
      var watching =
          watch.scheduleWithFixedDelay(connection::abortOverdue, 10, 10, TimeUnit.MILLISECONDS);
      connection.read(pipeline -> pipeline.send(0, Command.PING));
      signal("STOP");

      assertThatThrownBy(
              () ->
                  connection.write(
                      pipeline -> {
                        for (int i = 0; i < 64; i++) {
                          pipeline.send(0, Command.SET, bytes("key"), megabyte);
                        }
                      }))
          .isInstanceOf(UnavailableException.class);
      watching.cancel(false);
    } finally {
      signal("CONT");
    }
  }

  @Test
  void isLoggedInOnTheDatabaseOfItsUri() {
    try (var admin = new Jedis(redis.uri())) {
      admin.aclSetUser("clientele", "on", ">secret", "~*", "+@all");
    }
    String uri = "redis://clientele:secret@127.0.0.1:" + redis.port() + "/3";
    RedisSettings settings = RedisSettings.on(java.net.URI.create(uri));
    try (RedisConnection connection = connection(settings);
        var admin = new Jedis(redis.uri())) {
      connection.write(pipeline -> pipeline.send(0, Command.SET, bytes("key"), bytes("value")));

      assertThat(connection.read(pipeline -> pipeline.send(0, Command.ACL, bytes("WHOAMI"))))
          .containsExactly(bytes("clientele"));
      admin.select(3);
      assertThat(admin.get("key")).isEqualTo("value");
    }
  }

  @Test
  void failsAtOnceWhileItPausesAfterAFailure() {
    RedisSettings settings = RedisSettings.on(redis.uri());
    redis.close();
    try (RedisConnection connection = connection(settings)) {
      Throwable first = failure(connection);
      Throwable second = failure(connection);

      assertThat(second.getCause()).isSameAs(first.getCause());
      connection.resume();
      assertThat(failure(connection).getCause()).isNotSameAs(first.getCause());
    }
  }

  private static Throwable failure(RedisConnection connection) {
    try {
      connection.read(pipeline -> pipeline.send(0, Command.PING));
    } catch (UnavailableException e) {
      return e;
    }
    throw new AssertionError("no failure");
  }

  private void signal(String name) throws IOException, InterruptedException {
    var kill = new ProcessBuilder("kill", "-" + name, Long.toString(redis.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
