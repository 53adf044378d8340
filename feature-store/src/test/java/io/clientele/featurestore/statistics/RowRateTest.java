package io.clientele.featurestore.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RowRateTest {
  private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);

  @Test
  void admitsTheRateAndABurstOfOneSecond() {
    var rate = new RowRate(500, 0);

    long admitted =
        IntStream.range(0, 10_000)
            .filter(ms -> rate.admits(1, ms * MS))
            .count(); // 10 s of 1 row a ms

    assertThat(admitted).isEqualTo(500 * 10 + 500);
  }

  @Test
  void admitsAtMostOneSecondsWorthAtOnce() {
    var rate = new RowRate(500, 0);

    assertThat(IntStream.range(0, 1_000).filter(i -> rate.admits(1, 0)).count()).isEqualTo(500);
    assertThat(rate.admits(1, 2 * MS)).isTrue();
    assertThat(rate.admits(1, 2 * MS)).isFalse();
  }

  @Test
  void makesALargeAnswerWaitForNoneButTheNextOnes() {
    var rate = new RowRate(500, 0);

    assertThat(rate.admits(1_000, 0)).isTrue();
    assertThat(rate.admits(1, 999 * MS)).isFalse();
    assertThat(rate.admits(1, 1_001 * MS)).isTrue();
  }

  @Test
  void savesNothingUpWhileNobodyReads() {
    var rate = new RowRate(1, 0);

    assertThat(IntStream.range(0, 10).filter(i -> rate.admits(1, 3_600_000 * MS)).count())
        .isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, Long.MAX_VALUE - 5, Long.MIN_VALUE})
  void worksWhereverTheClockStands(long nowNs) {
    var rate = new RowRate(1_000_000_000, nowNs);

    assertThat(rate.admits(1, nowNs)).isTrue();
    assertThat(rate.admits(1, nowNs + 10)).isTrue();
  }

  @Test
  void admitsNothingAtARateOfZero() {
    assertThat(new RowRate(0, 0).admits(1, 0)).isFalse();
  }
}
