package io.clientele.featurestore.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.featurestore.store.RedisServers.Kind;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.HostAndPort;

final class RedisServersTest {
  @Test
  void readsOneNode() {
    RedisServers servers = of("rediss://ann:s%40cret:x@redis.example:6380/2");

    assertThat(servers.kind()).isEqualTo(Kind.NODE);
    assertThat(servers.tls()).isTrue();
    assertThat(servers.addresses()).containsExactly(new HostAndPort("redis.example", 6380));
    assertThat(servers.database()).isEqualTo(2);
    assertThat(servers.user()).isEqualTo("ann");
    assertThat(servers.password()).isEqualTo("s@cret:x");
  }

  @Test
  void hasDefaults() {
    RedisServers servers = of("redis://:secret@[::1]");

    assertThat(servers.tls()).isFalse();
    assertThat(servers.addresses()).containsExactly(new HostAndPort("[::1]", 6379));
    assertThat(servers.database()).isZero();
    assertThat(servers.user()).isNull();
    assertThat(servers.password()).isEqualTo("secret");
  }

  @Test
  void readsSentinels() {
    RedisServers servers = of("redis+sentinel://ann@one,two:26380/shop/3");

    assertThat(servers.kind()).isEqualTo(Kind.SENTINELS);
    assertThat(servers.addresses())
        .containsExactly(new HostAndPort("one", 26_379), new HostAndPort("two", 26_380));
    assertThat(servers.masterName()).isEqualTo("shop");
    assertThat(servers.database()).isEqualTo(3);
    assertThat(servers.user()).isEqualTo("ann");
    assertThat(servers.password()).isNull();
  }

  @Test
  void readsAClustersNodes() {
    RedisServers servers = of("rediss+cluster://10.0.0.1:7000,10.0.0.2:7000");

    assertThat(servers.kind()).isEqualTo(Kind.CLUSTER);
    assertThat(servers.tls()).isTrue();
    assertThat(servers.addresses())
        .containsExactly(new HostAndPort("10.0.0.1", 7000), new HostAndPort("10.0.0.2", 7000));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://one,two",
        "redis://one/shop",
        "redis://one:65536",
        "redis://one?timeout=2",
        "redis+sentinel://one",
        "redis+sentinel://one/shop/first",
        "redis+cluster://one,,two",
        "redis+cluster://one/2",
        "redis:one",
        "http://one"
      })
  void refusesWhatNamesNoServers(String uri) {
    assertThat(RedisServers.of(URI.create(uri))).isEmpty();
  }

  private static RedisServers of(String uri) {
    return RedisServers.of(URI.create(uri)).orElseThrow();
  }
}
