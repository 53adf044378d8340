package io.clientele.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SimulatedShopTest {
  private static final Instant UNTIL = Instant.parse("1998-07-01T00:00:00Z");
  private static final int CALIBRATION_DAYS = 273;
  private static final TestingCohort CDNOW =
      TestingCohort.of(consumer -> CdnowSample.load().forEach(consumer));
  private static final TestingCohort SIMULATED =
      TestingCohort.of(
          consumer ->
              new SimulatedShop(SimulatedShop.Settings.cdnow(20_000, 1, UNTIL)).forEach(consumer));

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 1", "2, 2", "3, 4", "5, 9", "10, 1000"})
  void spreadsRepeatOrdersOverCustomersAsCdnowDid(int fewest, int most) {
    assertThat(share(SIMULATED, fewest, most)).isCloseTo(share(CDNOW, fewest, most), within(0.02));
  }

  private static double share(TestingCohort cohort, int fewest, int most) {
    long from = cohort.firstDay();
    return cohort.share(fewest, most, from, from + CALIBRATION_DAYS);
  }

  @ParameterizedTest
  @ValueSource(ints = {26, 39, 52, 65, 78})
  void growsAsCdnowGrewWithinAndAfterTheWeeksThatTheModelWasFittedTo(int weeks) {
    assertThat(repeats(SIMULATED, weeks)).isCloseTo(repeats(CDNOW, weeks), withinPercentage(4));
  }

  private static double repeats(TestingCohort cohort, int weeks) {
    return cohort.repeats(cohort.firstDay(), cohort.firstDay() + 7L * weeks);
  }

  @Test
  void spendsAsCdnowsCustomersDid() {
    assertThat(SIMULATED.meanAmount()).isCloseTo(CDNOW.meanAmount(), withinPercentage(3));
    for (int dollars : new int[] {30, 50, 100}) {
      assertThat(SIMULATED.shareOfOrdersUpTo(dollars))
          .isCloseTo(CDNOW.shareOfOrdersUpTo(dollars), within(0.03));
    }
  }

  @Test
  void repeatsItselfWithASeedAndDiffersWithAnother() {
    List<LoggedEvent> events = events(settings(50, 7, 3));

    assertThat(events(settings(50, 7, 3))).isEqualTo(events);
    assertThat(events(settings(100, 7, 3))).startsWith(events.toArray(LoggedEvent[]::new));
    assertThat(events(settings(50, 8, 3))).isNotEqualTo(events);
  }

  @Test
  void putsViewsAndOneCartBeforeEachOrder() {
    List<LoggedEvent> events = events(settings(2_000, 1, 3));

    var byType =
        events.stream().collect(Collectors.groupingBy(LoggedEvent::type, Collectors.counting()));
    long orders = byType.getOrDefault("order", 0L);
    assertThat(byType).containsOnlyKeys("order", "view", "cart").containsEntry("cart", orders);
    assertThat((double) byType.getOrDefault("view", 0L) / orders).isCloseTo(3, within(0.1));
    LoggedEvent order = events.getLast();
    for (LoggedEvent event : events.reversed()) {
      if (event.type().equals("order")) {
        order = event;
      }
      assertThat(event.customerId()).isEqualTo(order.customerId());
      assertThat(event.dimensions()).isEqualTo(order.dimensions());
      assertThat(event.timeMs())
          .isBetween(order.timeMs() - Duration.ofHours(1).toMillis(), order.timeMs());
    }
  }

  @Test
  void givesEveryEventAnIdOfItsOwnAndATimeWithinTheLog() {
    List<LoggedEvent> events = events(settings(500, 3, 2));

    assertThat(events).extracting(LoggedEvent::eventId).doesNotHaveDuplicates();
    assertThat(events)
        .filteredOn(event -> event.type().equals("order"))
        .extracting(LoggedEvent::timeMs)
        .allMatch(time -> time < UNTIL.toEpochMilli())
        .allMatch(time -> time >= UNTIL.minus(Duration.ofDays(7 * 20)).toEpochMilli());
  }

  private static SimulatedShop.Settings settings(long customers, long seed, double views) {
    return new SimulatedShop.Settings(customers, seed, UNTIL, 20, 20, 5, views);
  }

  private static List<LoggedEvent> events(SimulatedShop.Settings settings) {
    List<LoggedEvent> events = new ArrayList<>();
    new SimulatedShop(settings).forEach(events::add);
    return events;
  }
}
