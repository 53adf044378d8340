package io.clientele.cli;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What the orders of a cohort come to, as the literature counts them: the orders of a customer's
 * day are one.
 */
final class TestingCohort {
  private static final long DAY_MS = Duration.ofDays(1).toMillis();

  private final Map<String, NavigableMap<Long, Double>> amounts = new HashMap<>();

  /**
   * @param events hands every event to its consumer
   */
  static TestingCohort of(Consumer<Consumer<LoggedEvent>> events) {
    var cohort = new TestingCohort();
    events.accept(
        event ->
            cohort
                .amounts
                .computeIfAbsent(event.customerId(), _ -> new TreeMap<>())
                .merge(
                    event.timeMs() / DAY_MS,
                    event.measures().getOrDefault("amount", 0.0),
                    Double::sum));
    return cohort;
  }

  int customers() {
    return amounts.size();
  }

  /** When the first customer came. */
  long firstDay() {
    return amounts.values().stream().mapToLong(NavigableMap::firstKey).min().orElseThrow();
  }

  /**
   * The share of customers with so many repeat orders, from {@code after} on, before {@code to}.
   */
  double share(int fewest, int most, long from, long to) {
    return (double)
            amounts.values().stream()
                .mapToLong(days -> repeats(days, from, to))
                .filter(count -> count >= fewest && count <= most)
                .count()
        / customers();
  }

  /** Repeat orders a customer. */
  double repeats(long from, long to) {
    return amounts.values().stream().mapToLong(days -> repeats(days, from, to)).average().orElse(0);
  }

  private static long repeats(NavigableMap<Long, Double> days, long from, long to) {
    long first = days.firstKey();
    return days.subMap(from, true, to, false).keySet().stream().filter(day -> day > first).count();
  }

  double meanAmount() {
    return orders().mapToDouble(amount -> amount).average().orElseThrow();
  }

  /** The share of orders of at most so much. */
  double shareOfOrdersUpTo(double most) {
    return (double) orders().filter(amount -> amount <= most).count() / orders().count();
  }

  private Stream<Double> orders() {
    return amounts.values().stream().flatMap(days -> days.values().stream());
  }
}
