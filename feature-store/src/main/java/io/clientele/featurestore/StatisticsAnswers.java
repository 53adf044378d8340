package io.clientele.featurestore;

import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.util.Timestamps;
import io.clientele.featurestore.catalog.Feature;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.statistics.FeatureDistribution;
import io.clientele.featurestore.statistics.LiveStatistics;
import io.clientele.featurestore.statistics.Statistics;
import io.clientele.featurestore.v1.FeatureStatistics;
import io.clientele.featurestore.v1.GetFeatureStatisticsRequest;
import io.clientele.featurestore.v1.GetFeatureStatisticsResponse;
import io.clientele.featurestore.v1.Quantile;
import io.clientele.grpc.InvalidRequestException;
import io.clientele.grpc.OverloadedException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** Statistics as messages. Thread-safe. */
final class StatisticsAnswers {
  private static final double[] RANKS = {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99};
  private static final int MAX_NAMES = 1_000;

  private final FeaturePlan plan;
  private final LiveStatistics statistics;

  /** In catalog order. */
  private final List<String> names;

  StatisticsAnswers(FeaturePlan plan, LiveStatistics statistics) {
    this.plan = plan;
    this.statistics = statistics;
    names = plan.catalog().features().stream().map(Feature::name).toList();
  }

  /**
   * @throws InvalidRequestException if a feature is not known
   * @throws OverloadedException if too many ask
   */
  CompletableFuture<GetFeatureStatisticsResponse> answer(GetFeatureStatisticsRequest request) {
    int[] wanted = indexes(request.getNamesList());
    return statistics.ask(all -> message(all, wanted, request.getWithSketches()));
  }

  private int[] indexes(List<String> asked) {
    if (asked.isEmpty()) {
      return IntStream.range(0, names.size()).toArray();
    }
    if (asked.size() > MAX_NAMES) {
      throw new InvalidRequestException(
          "names", asked.size() + " features (expected: at most " + MAX_NAMES + ")");
    }
    return IntStream.range(0, asked.size()).map(i -> index(i, asked.get(i))).toArray();
  }

  private int index(int place, String name) {
    int index = names.indexOf(name);
    if (index < 0) {
      throw new InvalidRequestException(
          "names[" + place + "]",
          "unknown feature "
              + name
              + " (expected: one of the catalog, such as "
              + like(name)
              + ")");
    }
    return index;
  }

  /** The feature whose name begins most like another one. */
  private String like(String name) {
    return names.stream()
        .max(
            Comparator.comparingInt(
                known -> Arrays.mismatch(known.toCharArray(), name.toCharArray())))
        .orElse("none");
  }

  private GetFeatureStatisticsResponse message(Statistics all, int[] wanted, boolean withSketches) {
    var message =
        GetFeatureStatisticsResponse.newBuilder()
            .setCatalogHash(plan.catalogHash())
            .setSince(Timestamps.fromMillis(all.since().toEpochMilli()))
            .setRowsRead(all.rowsRead())
            .setRowsSampled(all.rowsSampled());
    for (int feature : wanted) {
      message.addFeatures(message(all.features().get(feature), withSketches));
    }
    return message.build();
  }

  private static FeatureStatistics message(FeatureDistribution feature, boolean withSketch) {
    var message =
        FeatureStatistics.newBuilder()
            .setName(feature.name())
            .setCount(feature.count())
            .setMissing(feature.missing())
            .setStale(feature.stale());
    if (withSketch) {
      message.setSketch(UnsafeByteOperations.unsafeWrap(feature.sketch()));
    }
    if (feature.isEmpty()) {
      return message.build();
    }
    float[] quantiles = feature.quantiles(RANKS);
    for (int i = 0; i < RANKS.length; i++) {
      message.addQuantiles(Quantile.newBuilder().setRank(RANKS[i]).setValue(quantiles[i]));
    }
    return message.setMin(feature.min()).setMax(feature.max()).build();
  }
}
