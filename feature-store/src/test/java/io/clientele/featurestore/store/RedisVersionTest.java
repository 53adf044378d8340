package io.clientele.featurestore.store;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RedisVersionTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64|7.0|true",
        "Redis server v=6.2.11 sha=00000000:0|6.2|true",
        "Redis server v=6.0.16 sha=00000000:0|6.0|false",
        "Redis server v=5.10.3 sha=00000000:0|5.10|false",
        "Valkey server v=8.1.0 sha=00000000:0|8.1|true",
        "valkey_version:8.1.0 redis_version:7.2.4|7.2|true"
      })
  void readsWhatServersSay(String said, String version, boolean usable) {
    RedisVersion found = RedisVersion.find(said).orElseThrow();

    assertThat(found).hasToString(version);
    assertThat(found.isAtLeast(RedisVersion.MINIMUM)).isEqualTo(usable);
  }

  @Test
  void takesAValkeyForTheRedisThatItSaysItIsLike() {
    String info =
        """
        # Server\r
        redis_version:7.2.4\r
        server_name:valkey\r
        valkey_version:9.1.2\r
        valkey_release_stage:ga\r
        server_mode:standalone\r
        """;

    assertThat(RedisVersion.find(info)).contains(new RedisVersion(7, 2));
  }

  @Test
  void findsNoneInOtherText() {
    assertThat(RedisVersion.find("command not found")).isEmpty();
  }
}
