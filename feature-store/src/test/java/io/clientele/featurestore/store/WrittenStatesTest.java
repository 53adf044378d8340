package io.clientele.featurestore.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.featurestore.engine.PackedState;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class WrittenStatesTest {
  private static final long MIB = 1 << 20;

  private record Kept(long era, StoredState state) {}

  private static final Kept NOTHING = new Kept(0, StoredState.NONE);

  /** What is taken is what was put last, of the same era; what is missing had to make room. */
  @Property(tries = 60)
  void givesBackWhatWasPut(
      @ForAll long seed, @ForAll @IntRange(max = 2) int mib, @ForAll @IntRange(min = 1) int most) {
    var random = new Random(seed);
    int customers = 1 + random.nextInt(5_000);
    var states = new WrittenStates(mib * MIB);
    Map<String, Kept> kept = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      String customer = "customer-" + random.nextInt(customers);
      long era = 1L + random.nextInt(3);
      StoredState found = states.take(customer.getBytes(UTF_8), era);
      Kept expected = kept.getOrDefault(customer, NOTHING);
      if (found != null) {

        assertThat(era).isEqualTo(expected.era());
        assertSame(found, expected.state());
      }
      StoredState next = state(random, 1 + most % 2_000, i);
      states.put(customer.getBytes(UTF_8), era, next);
      kept.put(customer, new Kept(era, next));
    }
  }

  @Test
  void keepsAllThatThereIsRoomFor() {
    var states = new WrittenStates(2 * MIB);
    int customers = 3_000; // of some 400 bytes
    int missing = 0;
    for (int round = 0; round < 5; round++) {
      for (int i = 0; i < customers; i++) {
        byte[] customer = ("customer-" + i).getBytes(UTF_8);
        missing += states.take(customer, 1) == null ? 1 : 0;
        states.put(customer, 1, of(round, 300));
      }
    }
    assertThat(missing).isBetween(customers, customers + customers / 100); // where a set was full
  }

  @Test
  void letsGoOfTheOldest() {
    var states = new WrittenStates(MIB);
    for (int i = 0; i < 100_000; i++) {
      states.put(("customer-" + i).getBytes(UTF_8), 1, of(i, 300));
    }

    Function<Integer, Boolean> has = i -> states.take(("customer-" + i).getBytes(UTF_8), 1) != null;
    assertThat(has.apply(0)).isFalse();
    assertThat(has.apply(90_000)).isFalse();
    assertThat(has.apply(99_999)).isTrue();
    assertThat(has.apply(98_500)).isTrue();
    assertThat(has.apply(99_999)).as("taken before").isFalse();
  }

  @Test
  void keepsNothingWithoutRoom() {
    byte[] customer = {'a'};
    var none = new WrittenStates(0);
    none.put(customer, 1, of(1, 10));
    assertThat(none.take(customer, 1)).isNull();

    var small = new WrittenStates(MIB);
    small.put(customer, 1, of(1, 10));
    assertThat(small.take(customer, 1)).isNotNull();
    small.put(customer, 1, of(2, 100_000));
    assertThat(small.take(customer, 1)).isNull();
  }

  private static StoredState of(long version, int bytes) {
    byte[] ledger = new byte[bytes];
    Arrays.fill(ledger, (byte) version);
    return StoredState.of(version, new PackedState(new byte[] {1}, ledger, new byte[0]));
  }

  private static StoredState state(Random random, int most, long version) {
    byte[][] parts = new byte[3][];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = new byte[random.nextInt(most)];
      random.nextBytes(parts[i]);
    }
    return StoredState.of(
        version, new PackedState(parts[0], parts[1], parts[2]), random.nextLong());
  }

  private static void assertSame(StoredState found, StoredState expected) {
    assertThat(found.exists()).isTrue();
    assertThat(found.version()).isEqualTo(expected.version());
    assertThat(found.forgottenMs()).isEqualTo(expected.forgottenMs());
    assertThat(found.summary()).isEqualTo(expected.summary());
    assertThat(found.ledger()).isEqualTo(expected.ledger());
    assertThat(found.tail()).isEqualTo(expected.tail());
  }
}
