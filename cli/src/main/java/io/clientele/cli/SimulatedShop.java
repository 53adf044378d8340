package io.clientele.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.statistics.distribution.DiscreteDistribution;
import org.apache.commons.statistics.distribution.PoissonDistribution;
import org.apache.commons.statistics.distribution.ZipfDistribution;
import org.jspecify.annotations.Nullable;

/**
 * Customers who buy, leave and spend as those of CDNOW did: {@link ParetoNbd} and {@link
 * GammaGamma}. The same seed gives the same customers; more of them begin with the same ones. Any
 * number takes the same little memory. Thread-safe.
 *
 * <p>Each customer's first order is anywhere in the first weeks, all moments alike, as in CDNOW's
 * cohort. The number of items follows the amount at CDNOW's price of an item. Categories, views and
 * carts are made up, as CDNOW tells nothing of them: an order is of one category, by Zipf's law;
 * within the hour before it the customer looks at products of that category, a number that is
 * Poisson distributed, and puts one into the cart.
 */
public final class SimulatedShop {
  private static final double MS_A_WEEK = Duration.ofDays(7).toMillis();
  private static final long BROWSING_MS = Duration.ofHours(1).toMillis();
  private static final double ITEM_PRICE = 14.89; // $2,500,315.63 of 167,881 CDs
  private static final double LEAST_AMOUNT = 0.01;
  private static final double ZIPF_EXPONENT = 1;

  private final Settings settings;

  public SimulatedShop(Settings settings) {
    this.settings = settings;
  }

  /**
   * What is simulated.
   *
   * @param until nothing happens from then on
   * @param weeks from the first customer's first order to {@code until}
   * @param joiningWeeks how long new customers come, at most {@code weeks}
   * @param categories how many there are; 0 for events without one
   * @param viewsPerOrder on average; 0 for neither views nor carts
   */
  public record Settings(
      long customers,
      long seed,
      Instant until,
      int weeks,
      int joiningWeeks,
      int categories,
      double viewsPerOrder) {
    /** As long as CDNOW's customers were observed. */
    public static final int DEFAULT_WEEKS = 78;

    /** In which CDNOW's customers came. */
    public static final int DEFAULT_JOINING_WEEKS = 12;

    /** As CDNOW's log: orders alone, of no category. */
    public static Settings cdnow(long customers, long seed, Instant until) {
      return new Settings(
          customers, seed, until, DEFAULT_WEEKS, DEFAULT_JOINING_WEEKS, 0, /* viewsPerOrder= */ 0);
    }
  }

  /** Hands every event to the consumer, one customer after the other. */
  public void forEach(Consumer<LoggedEvent> consumer) {
    var random = new SplittableRandom(settings.seed);
    var visitor = new Visitor(random::nextLong, consumer);
    for (long customer = 1; customer <= settings.customers; customer++) {
      visitor.next("c%07d".formatted(customer));
    }
  }

  /** One customer after the other, in one stream of random numbers. */
  private final class Visitor {
    private final UniformRandomProvider random;
    private final ParetoNbd.Customers purchases;
    private final GammaGamma.Customers spend;
    private final DiscreteDistribution.@Nullable Sampler categories;
    private final DiscreteDistribution.@Nullable Sampler views;
    private final Consumer<LoggedEvent> consumer;
    private final long untilMs = settings.until.toEpochMilli();
    private String customerId = "";
    private int orders;
    private int viewed;

    Visitor(UniformRandomProvider random, Consumer<LoggedEvent> consumer) {
      this.random = random;
      this.consumer = consumer;
      purchases = ParetoNbd.CDNOW.customers(random);
      spend = GammaGamma.CDNOW.customers(random);
      categories =
          settings.categories == 0
              ? null
              : ZipfDistribution.of(settings.categories, ZIPF_EXPONENT).createSampler(random);
      views =
          settings.viewsPerOrder == 0
              ? null
              : PoissonDistribution.of(settings.viewsPerOrder).createSampler(random);
    }

    void next(String id) {
      customerId = id;
      orders = 0;
      viewed = 0;
      spend.next();
      double observed = settings.weeks - settings.joiningWeeks * random.nextDouble();
      long firstMs = untilMs - Math.round(observed * MS_A_WEEK);
      visit(firstMs);
      for (double week : purchases.next(observed)) {
        visit(firstMs + Math.round(week * MS_A_WEEK));
      }
    }

    private void visit(long roundedMs) {
      long orderMs = Math.min(roundedMs, untilMs - 1);
      orders++;
      Map<String, List<String>> category =
          categories == null
              ? Map.of()
              : Map.of("category", List.of("category-" + categories.sample()));
      if (views != null) {
        browse(orderMs, views.sample(), category);
      }
      double amount = Math.max(LEAST_AMOUNT, Math.round(spend.order() * 100) / 100.0);
      double items = Math.max(1, Math.rint(amount / ITEM_PRICE));
      emit("o", orders, "order", orderMs, Map.of("amount", amount, "items", items), category);
    }

    /** Looks around at even distances, and puts into the cart half a step before the order. */
    private void browse(long orderMs, int count, Map<String, List<String>> category) {
      long stepMs = BROWSING_MS / (count + 1);
      for (int i = count; i >= 1; i--) {
        emit("v", ++viewed, "view", orderMs - i * stepMs, Map.of(), category);
      }
      emit("b", orders, "cart", orderMs - stepMs / 2, Map.of(), category);
    }

    private void emit(
        String kind,
        int number,
        String type,
        long timeMs,
        Map<String, Double> measures,
        Map<String, List<String>> dimensions) {
      String eventId = customerId + "-" + kind + number;
      consumer.accept(new LoggedEvent(customerId, eventId, type, timeMs, measures, dimensions));
    }
  }
}
