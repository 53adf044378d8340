package io.clientele.featurestore;

import static io.clientele.featurestore.TestingEvents.NOW;
import static io.clientele.featurestore.TestingEvents.order;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.clientele.featurestore.store.PemFiles;
import io.clientele.featurestore.store.RedisAccess;
import io.clientele.featurestore.store.RedisProcess;
import io.clientele.featurestore.store.RedisSettings;
import io.clientele.featurestore.v1.CustomerStatus;
import io.clientele.featurestore.v1.ForgetCustomerRequest;
import io.clientele.featurestore.v1.Verdict;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

final class RedisAccessTest {
  private static final Path MANUAL = Path.of("..", "docs", "redis.md");

  @TempDir private static Path directory;
  private static TestingCertificate server;
  private static TestingCertificate client;

  @BeforeAll
  static void makeCertificates()
      throws IOException, InterruptedException, GeneralSecurityException {
    server = TestingCertificate.of(directory.resolve("server"), "ip:127.0.0.1");
    client = TestingCertificate.of(directory.resolve("client"), "dns:client");
  }

  @Test
  void needsNoMoreRightsThanTheManualSays() throws IOException {
    String[] rule = rule();
    try (RedisProcess redis = RedisProcess.start(directory.resolve("acl"), 0)) {
      try (var admin = new Jedis(redis.uri())) {
        admin.aclSetUser("clientele", rule);
        admin.aclSetUser("default", "off");
      }
      RedisSettings settings =
          RedisSettings.on(URI.create("redis://clientele@127.0.0.1:" + redis.port()))
              .withAccess(new RedisAccess("secret", null, null, null));
      try (TestingFeatureStore store = store(settings);
          TestingWatcher watcher = recorded(store)) {
        var _ =
            store
                .stub()
                .forgetCustomer(ForgetCustomerRequest.newBuilder().setCustomerId("alice").build());

        assertThat(watcher.changes(2)).hasSize(2);
        assertThat(store.features("alice").getCustomersList())
            .containsExactly(CustomerStatus.UNKNOWN);
      }
    }
  }

  /** The user in the manual, with the password "secret". */
  private static String[] rule() throws IOException {
    List<String> users =
        Files.readAllLines(MANUAL).stream()
            .filter(line -> line.startsWith("user clientele "))
            .toList();
    assertThat(users).hasSize(1);
    return Arrays.stream(users.getFirst().split(" "))
        .skip(2)
        .map(word -> word.startsWith(">") ? ">secret" : word)
        .toArray(String[]::new);
  }

  @Test
  void showsItsCertificateToARedisThatAsksForOne() throws IOException {
    int port = TestingRedisServer.freePort();
    try (TestingRedisServer redis = tls(port);
        TestingFeatureStore store = store(tls("127.0.0.1", port, sockets(server, client)));
        TestingWatcher watcher = recorded(store)) {
      assertThat(redis.isAlive()).isTrue();
      assertThat(watcher.changes(1)).hasSize(1);
    }
  }

  @Test
  void doesNotTalkToARedisWhoseCertificateItDoesNotTrust() throws IOException {
    int port = TestingRedisServer.freePort();
    try (TestingRedisServer redis = tls(port)) {
      assertThat(failure(tls("127.0.0.1", port, sockets(client, client))))
          .contains("UNAVAILABLE: redis is unavailable: TLS with 127.0.0.1:" + port)
          .contains("PKIX");
      assertThat(failure(tls("localhost", port, sockets(server, client))))
          .contains("UNAVAILABLE: redis is unavailable: TLS with localhost:" + port)
          .contains("No name matching localhost");
      assertThat(redis.isAlive()).isTrue();
    }
  }

  private static String failure(RedisSettings settings) {
    try (TestingFeatureStore store = store(settings)) {
      store.awaitHealth(ServingStatus.NOT_SERVING);
      StatusRuntimeException failure =
          catchThrowableOfType(StatusRuntimeException.class, () -> store.features("alice"));
      return String.valueOf(failure.getMessage());
    }
  }

  @Test
  void saysWhichFileIsNotWhatItShouldBe() throws IOException {
    Path text = Files.writeString(directory.resolve("text.pem"), "no certificate");

    assertThatThrownBy(() -> PemFiles.socketFactory(text, null, null))
        .isInstanceOf(IOException.class)
        .hasMessage(text + ": no certificate (expected: X.509 in PEM)");
    assertThatThrownBy(() -> PemFiles.socketFactory(null, client.certificate(), text))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(text + ": no private key (expected: PKCS#8 in PEM");
  }

  /** Records an order of alice while somebody watches, and reads it. */
  private static TestingWatcher recorded(TestingFeatureStore store) {
    store.awaitHealth(ServingStatus.SERVING);
    TestingWatcher watcher = TestingWatcher.live(store.channel());
    assertThat(
            TestingProducer.record(store.channel(), order("alice", "o1", NOW, 5).build())
                .getVerdictsList())
        .containsExactly(Verdict.APPLIED);
    assertThat(store.features("alice").getCustomersList()).containsExactly(CustomerStatus.FOUND);
    return watcher;
  }

  private static TestingFeatureStore store(RedisSettings settings) {
    return new TestingFeatureStore(settings, directory.resolve("models"), new TestingClock(NOW));
  }

  private static TestingRedisServer tls(int port) throws IOException {
    return new TestingRedisServer(
        directory.resolve("tls-" + port),
        TestingRedisServer.freePort(),
        "--tls-port",
        Integer.toString(port),
        "--tls-cert-file",
        server.certificate().toString(),
        "--tls-key-file",
        server.key().toString(),
        "--tls-ca-cert-file",
        client.certificate().toString());
  }

  private static RedisSettings tls(String host, int port, SSLSocketFactory sockets) {
    return RedisSettings.on(URI.create("rediss://" + host + ":" + port))
        .withAccess(new RedisAccess(null, null, null, sockets));
  }

  private static SSLSocketFactory sockets(TestingCertificate trusted, TestingCertificate shown)
      throws IOException {
    return PemFiles.socketFactory(trusted.certificate(), shown.certificate(), shown.key());
  }
}
