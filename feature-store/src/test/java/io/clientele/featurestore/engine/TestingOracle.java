package io.clientele.featurestore.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.catalog.Dimension;
import io.clientele.featurestore.catalog.Feature;
import io.clientele.featurestore.catalog.Formula.Aggregation;
import io.clientele.featurestore.catalog.Formula.Pushed;
import io.clientele.featurestore.catalog.Formula.Ratio;
import io.clientele.featurestore.catalog.Measure;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Computes features from a plain list of events, by their definitions and without any state. */
final class TestingOracle {
  private static final MathContext DIGITS = new MathContext(60);

  /** An event as a caller says it. */
  record RawEvent(
      String type,
      String id,
      long timeMs,
      Map<String, Double> measures,
      Map<String, List<String>> dimensions) {
    LocalDate day() {
      return TestingOracle.day(timeMs);
    }

    Event decode(FeaturePlan plan) {
      return TestingShop.event(plan.decoder().decode(type, id, timeMs, measures, dimensions));
    }
  }

  private final Catalog catalog;
  private final List<RawEvent> events;
  private final long asOfMs;

  /** Of the events up to a moment. */
  TestingOracle(Catalog catalog, List<RawEvent> events, long asOfMs) {
    this.catalog = catalog;
    this.events = events.stream().filter(e -> e.timeMs() <= asOfMs).toList();
    this.asOfMs = asOfMs;
  }

  /** By name; missing ones are null. */
  Map<String, Float> features() {
    Map<String, Float> features = new LinkedHashMap<>();
    for (Feature feature : catalog.features()) {
      features.put(feature.name(), value(feature).map(Double::floatValue).orElse(null));
    }
    return features;
  }

  private Optional<Double> value(Feature feature) {
    return switch (feature.formula()) {
      case Aggregation aggregation -> value(aggregation).map(BigDecimal::doubleValue);
      case Ratio ratio -> {
        Optional<Double> dividend = value(ratio.dividend());
        Optional<Double> divisor = value(ratio.divisor()).filter(d -> d != 0);
        yield dividend.flatMap(a -> divisor.map(b -> a / b));
      }
      case Pushed _ -> Optional.empty();
    };
  }

  private Optional<BigDecimal> value(Aggregation aggregation) {
    List<RawEvent> own =
        events.stream()
            .filter(e -> e.type().equals(aggregation.event().name()))
            .sorted(Comparator.comparingLong(RawEvent::timeMs).thenComparing(TestingOracle::id))
            .toList();
    List<RawEvent> inside = own.stream().filter(e -> isInside(e.day(), aggregation)).toList();
    List<BigDecimal> numbers =
        inside.stream().flatMap(e -> number(e, aggregation.measure()).stream()).toList();
    BigDecimal sum = numbers.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    List<LocalDate> days = own.stream().map(RawEvent::day).distinct().toList();
    List<BigDecimal> gaps =
        Stream.iterate(1, i -> i < days.size(), i -> i + 1)
            .map(i -> BigDecimal.valueOf(ChronoUnit.DAYS.between(days.get(i - 1), days.get(i))))
            .toList();
    return switch (aggregation.operator()) {
      case COUNT -> Optional.of(BigDecimal.valueOf(inside.size()));
      case ACTIVE_DAYS ->
          Optional.of(BigDecimal.valueOf(inside.stream().map(RawEvent::day).distinct().count()));
      case SUM -> Optional.of(sum);
      case MEAN -> mean(numbers);
      case MIN -> numbers.stream().min(Comparator.naturalOrder());
      case MAX -> numbers.stream().max(Comparator.naturalOrder());
      case DISTINCT ->
          Optional.of(
              BigDecimal.valueOf(
                  distinct(own, Objects.requireNonNull(aggregation.dimension())).stream()
                      .filter(day -> isInside(day, aggregation))
                      .count()));
      case RECENCY -> own.isEmpty() ? Optional.empty() : Optional.of(age(own.getLast()));
      case TENURE -> own.isEmpty() ? Optional.empty() : Optional.of(age(own.getFirst()));
      case GAP_MEAN -> mean(gaps);
      case GAP_STD -> mean(gaps).map(mean -> deviation(gaps, mean));
      case GAP_MAX -> gaps.stream().max(Comparator.naturalOrder());
      case LAST -> numbers.isEmpty() ? Optional.empty() : Optional.of(numbers.getLast());
    };
  }

  private boolean isInside(LocalDate day, Aggregation aggregation) {
    long age = ChronoUnit.DAYS.between(day, day(asOfMs));
    return age < aggregation.window().days();
  }

  private BigDecimal age(RawEvent event) {
    return BigDecimal.valueOf(asOfMs - event.timeMs())
        .divide(BigDecimal.valueOf(86_400_000), DIGITS);
  }

  /** The last days of the labels that are told apart. */
  private static List<LocalDate> distinct(List<RawEvent> events, Dimension dimension) {
    Map<String, LocalDate> lastDays = new HashMap<>();
    for (RawEvent event : events) {
      for (String label : event.dimensions().getOrDefault(dimension.name(), List.of())) {
        lastDays.merge(label, event.day(), (a, b) -> a.isAfter(b) ? a : b);
      }
    }
    return lastDays.values().stream()
        .sorted(Collections.reverseOrder())
        .limit(dimension.maxValues())
        .toList();
  }

  private static Optional<BigDecimal> number(RawEvent event, @Nullable Measure measure) {
    if (measure == null) {
      return Optional.empty();
    }
    double value = Objects.requireNonNull(event.measures().get(measure.name()));
    return Optional.of(
        BigDecimal.valueOf(value).setScale(measure.decimals(), RoundingMode.HALF_EVEN));
  }

  private static Optional<BigDecimal> mean(List<BigDecimal> numbers) {
    return numbers.stream()
        .reduce(BigDecimal::add)
        .map(sum -> sum.divide(BigDecimal.valueOf(numbers.size()), DIGITS));
  }

  private static BigDecimal deviation(List<BigDecimal> numbers, BigDecimal mean) {
    BigDecimal variance =
        mean(numbers.stream().map(n -> n.subtract(mean).pow(2)).toList()).orElseThrow();
    return variance.abs().compareTo(new BigDecimal("1e-40")) < 0
        ? BigDecimal.ZERO
        : variance.sqrt(DIGITS);
  }

  private static EventId id(RawEvent event) {
    return EventId.of(event.id().getBytes(UTF_8));
  }

  private static LocalDate day(long timeMs) {
    return LocalDate.ofInstant(Instant.ofEpochMilli(timeMs), ZoneOffset.UTC);
  }
}
