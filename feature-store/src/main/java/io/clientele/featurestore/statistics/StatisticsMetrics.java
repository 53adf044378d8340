package io.clientele.featurestore.statistics;

import io.clientele.grpc.Metrics;
import io.clientele.grpc.OverloadedException;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Statistics as metrics, computed when they are asked for: by feature, the shares that were missing
 * and stale, and quantiles. A feature that was not read yet is not shown; nor are those of a large
 * catalog after the first 500.
 */
public final class StatisticsMetrics {
  private static final int MAX_FEATURES = 500;
  private static final double[] RANKS = {0.05, 0.5, 0.95};
  private static final int PATIENCE_SECONDS = 1;

  private final LiveStatistics statistics;
  private final Metrics metrics;

  private StatisticsMetrics(LiveStatistics statistics, Metrics metrics) {
    this.statistics = statistics;
    this.metrics = metrics;
  }

  public static void register(LiveStatistics statistics, Metrics metrics) {
    var gauges = new StatisticsMetrics(statistics, metrics);
    gauges.register(
        "clientele_feature_missing_share",
        "Share of a feature's sampled values that were missing, since the start.",
        feature -> share(feature, feature.missing()),
        "feature");
    gauges.register(
        "clientele_feature_stale_share",
        "Share of a feature's sampled values that were stale, since the start.",
        feature -> share(feature, feature.stale()),
        "feature");
    gauges.register(
        "clientele_feature_quantile",
        "Quantiles of a feature's sampled values that were not missing, since the start.",
        StatisticsMetrics::quantiles,
        "feature",
        "quantile");
  }

  private void register(
      String name,
      String help,
      Function<FeatureDistribution, Stream<Point>> points,
      String... labels) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames(labels)
        .callback(
            gauge -> {
              for (Point point : ask(points)) {
                gauge.call(point.value(), point.labels().toArray(String[]::new));
              }
            })
        .register(metrics.registry());
  }

  private static Stream<Point> share(FeatureDistribution feature, long part) {
    return Stream.of(new Point((double) part / feature.count(), List.of(feature.name())));
  }

  private static Stream<Point> quantiles(FeatureDistribution feature) {
    if (feature.isEmpty()) {
      return Stream.empty();
    }
    float[] values = feature.quantiles(RANKS);
    return IntStream.range(0, values.length)
        .mapToObj(i -> new Point(values[i], List.of(feature.name(), String.valueOf(RANKS[i]))));
  }

  /** Nothing where the answer is not there in time. */
  private List<Point> ask(Function<FeatureDistribution, Stream<Point>> points) {
    try {
      return statistics
          .ask(
              all ->
                  all.features().stream()
                      .limit(MAX_FEATURES)
                      .filter(feature -> feature.count() > 0)
                      .flatMap(points)
                      .toList())
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    } catch (OverloadedException
        | CancellationException
        | ExecutionException
        | TimeoutException e) {
      return List.of();
    }
  }

  private record Point(double value, List<String> labels) {}
}
