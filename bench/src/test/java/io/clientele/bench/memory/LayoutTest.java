package io.clientele.bench.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.engine.FeaturePlan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LayoutTest {
  private static final FeaturePlan PLAN = FeaturePlan.of(Catalog.retail());
  private static final CustomerLog LOG = CustomerLog.simulated(500);
  private final List<String> ids = new ArrayList<>();
  private MeasuredRedis redis;

  @BeforeAll
  void load() throws IOException {
    redis = MeasuredRedis.start(false, Map.of());
    for (LayoutKind kind : LayoutKind.values()) {
      assertThat(Load.of(LOG, PLAN, kind, redis).customers()).isEqualTo(500);
    }
    LOG.forEach(PLAN, customer -> ids.add(customer.id()));
  }

  @AfterAll
  void close() {
    redis.close();
  }

  @ParameterizedTest
  @EnumSource
  void keepsEachCustomerInOneKey(LayoutKind kind) {
    List<byte[]> keys = redis.info().keys(kind.keys(), 10_000);

    assertThat(keys).hasSize(500);
    assertThat(redis.info().bytes(keys)).isGreaterThan(500 * 100);
  }

  @Test
  void answersTheSameMatrixFromEveryLayout() {
    ByteBuffer packed = matrix(LayoutKind.CLIENTELE);

    assertThat(packed.getFloat(0)).isPositive();
    assertThat(matrix(LayoutKind.FEAST)).isEqualTo(packed);
    assertThat(matrix(LayoutKind.PLAIN)).isEqualTo(packed);
    try (var served = new ServedReader(redis.uri(), LOG.nowMs())) {
      assertThat(matrix(served)).isEqualTo(packed);
    }
  }

  private ByteBuffer matrix(LayoutKind kind) {
    try (Layout layout = kind.open(redis.uri(), PLAN, LOG.nowMs())) {
      return matrix(layout);
    }
  }

  private ByteBuffer matrix(MatrixReader reader) {
    var values =
        ByteBuffer.allocate(ids.size() * PLAN.all().rowBytes()).order(ByteOrder.LITTLE_ENDIAN);
    reader.read(ids, values);
    return values.clear();
  }
}
