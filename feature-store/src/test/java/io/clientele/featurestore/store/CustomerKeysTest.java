package io.clientele.featurestore.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class CustomerKeysTest {
  private final CustomerKeys keys = new CustomerKeys(256);

  @Test
  void keepsToTheKeysThatStoresAreMadeWith() {
    // CRC-32C of "123456789" is e3069283, the check value of its definition.
    assertThat(new String(keys.of("123456789").state(), UTF_8))
        .isEqualTo("{b" + 0x83 + "}:c:123456789");
  }

  @Test
  void keepsIdsThatAreNoAscii() {
    assertThat(new String(keys.of("Zoë}{").state(), UTF_8)).endsWith("}:c:Zoë}{");
  }

  @Test
  void spreadsCustomersEvenly() {
    int[] customers = new int[256];
    for (int i = 0; i < 256_000; i++) {
      customers[keys.bucketOf(("customer-" + i).getBytes(UTF_8))]++;
    }
    assertThat(Arrays.stream(customers).summaryStatistics())
        .satisfies(
            counts -> {
              assertThat(counts.getMin()).isGreaterThan(800);
              assertThat(counts.getMax()).isLessThan(1_200);
            });
  }
}
