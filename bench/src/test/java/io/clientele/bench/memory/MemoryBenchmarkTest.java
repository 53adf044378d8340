package io.clientele.bench.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.grpc.Settings;
import org.junit.jupiter.api.Test;

class MemoryBenchmarkTest {
  @Test
  void measuresWhatItIsAskedFor() {
    assertThat(run("bytes", "--sizes=300")).isZero();
    assertThat(run("reads", "--customers=300", "--round=100ms", "--in-flight=2")).isZero();
    assertThat(run("packing", "--customers=300", "--round=100ms", "--values=64,512")).isZero();
    assertThat(run("aging", "--customers=300", "--defragment=100ms", "--bundled")).isZero();
  }

  @Test
  void refusesASettingThatRedisDoesNotHave() {
    assertThat(run("bytes", "--sizes=300", "--config=no-such-setting=1")).isNotZero();
  }

  private static int run(String... args) {
    return Settings.run(new MemoryBenchmark(), args);
  }
}
