package io.clientele.scorer.inference;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RunTimesTest {
  private final RunTimes times = new RunTimes();

  @Test
  void expectsForeverBeforeTheFirstRun() {
    assertThat(times.expectedNs(1)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void expectsWhatRunsOfAsManyRowsHaveTaken() {
    times.add(1, 10);
    times.add(4, 40);
    times.add(1024, 9_000);
    assertThat(times.expectedNs(1)).isEqualTo(10);
    assertThat(times.expectedNs(3)).isEqualTo(40);
    assertThat(times.expectedNs(4)).isEqualTo(40);
  }

  @Test
  void expectsNoLessThanRunsOfMoreRowsWhereNoneWasAsLarge() {
    times.add(1, 10);
    times.add(64, 600);
    assertThat(times.expectedNs(2)).isEqualTo(600);
    assertThat(times.expectedNs(65)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void forgetsARunThatWasHeldUp() {
    times.add(1, 8_000_000);
    for (int run = 0; run < 200; run++) {
      times.add(1, 10_000);
    }
    assertThat(times.expectedNs(1)).isBetween(10_000L, 10_100L);
  }
}
