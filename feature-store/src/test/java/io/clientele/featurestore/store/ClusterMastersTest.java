package io.clientele.featurestore.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.util.JedisClusterCRC16;

final class ClusterMastersTest {
  private static final int BUCKETS = 256;
  private static final HostAndPort ASKED = new HostAndPort("asked", 7000);
  private static final HostAndPort OTHER = new HostAndPort("10.0.0.2", 7001);

  private final Nodes nodes =
      Nodes.of(
          ClusterMasters.masterOfSlot(
              List.of(range(0, 8_191, "", 7000), range(8_192, 16_000, "10.0.0.2", 7001)), ASKED),
          BUCKETS);

  private static List<Object> range(long first, long last, String host, long port) {
    List<Object> replica = List.of("10.0.0.9".getBytes(US_ASCII), 7009L, "id".getBytes(US_ASCII));
    return List.of(
        first, last, List.of(host.getBytes(US_ASCII), port, "id".getBytes(US_ASCII)), replica);
  }

  @Test
  void findsTheMasterOfEachBucketByTheSlotOfItsKeys() {
    assertThat(nodes.masters()).containsExactly(ASKED, OTHER);
    var keys = new CustomerKeys(BUCKETS);
    for (String id : List.of("alice", "bob", "carol", "dave", "eve")) {
      CustomerKey key = keys.of(id);
      int slot = JedisClusterCRC16.getSlot(key.state());
      int expected = slot <= 8_191 ? 0 : slot <= 16_000 ? 1 : Nodes.NONE;
      assertThat(nodes.ofBucket(key.bucket())).as(id).isEqualTo(expected);
    }
  }

  @Test
  void countsBucketsThatNobodyServes() {
    @Nullable HostAndPort[] nobody = new HostAndPort[Nodes.SLOTS];
    Nodes none = Nodes.of(nobody, BUCKETS);

    assertThat(none.size()).isZero();
    assertThat(none.bucketsWithoutMaster()).isEqualTo(BUCKETS);
    assertThat(none.ofForm()).isEqualTo(Nodes.NONE);
    assertThat(nodes.bucketsWithoutMaster())
        .isEqualTo(
            (int)
                IntStream.range(0, BUCKETS).filter(bucket -> Nodes.slot(bucket) > 16_000).count());
  }

  @Test
  void followsASlotThatHasMoved() {
    HostAndPort target = new HostAndPort("10.0.0.3", 7002);
    Nodes after = nodes.with(Nodes.slot(17), target);

    assertThat(after.master(after.ofBucket(17))).isEqualTo(target);
    int[] others =
        IntStream.range(0, BUCKETS)
            .filter(bucket -> Nodes.slot(bucket) != Nodes.slot(17))
            .toArray();
    assertThat(Arrays.stream(others).map(after::ofBucket))
        .containsExactlyElementsOf(Arrays.stream(others).map(nodes::ofBucket).boxed().toList());
    assertThat(after.isSame(nodes)).isFalse();
    assertThat(nodes.isSame(nodes.with(Nodes.slot(17), nodes.master(nodes.ofBucket(17))))).isTrue();
  }
}
