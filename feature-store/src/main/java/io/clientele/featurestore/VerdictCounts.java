package io.clientele.featurestore;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.catalog.EventType;
import io.clientele.featurestore.catalog.FeatureGroup;
import io.clientele.featurestore.engine.Verdict;
import io.clientele.grpc.Metrics;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Counts changes by what they are of and verdict. What the catalog does not have is one.
 * Thread-safe.
 */
final class VerdictCounts {
  private static final String UNKNOWN = "unknown";

  private final Map<String, Map<Verdict, CounterDataPoint>> points = new HashMap<>();
  private final Map<Verdict, CounterDataPoint> unknown;

  private VerdictCounts(Counter counter, List<String> known) {
    known.forEach(name -> points.put(name, points(counter, name)));
    unknown = points(counter, UNKNOWN);
  }

  /** Counts events by type. */
  static VerdictCounts ofEvents(Catalog catalog, Metrics metrics) {
    return new VerdictCounts(
        Counter.builder()
            .name("clientele_events_total")
            .help("Events by type and verdict.")
            .labelNames("type", "verdict")
            .register(metrics.registry()),
        catalog.eventTypes().stream().map(EventType::name).toList());
  }

  /** Counts writes by group. */
  static VerdictCounts ofWrites(Catalog catalog, Metrics metrics) {
    return new VerdictCounts(
        Counter.builder()
            .name("clientele_feature_writes_total")
            .help("Writes of groups by group and verdict.")
            .labelNames("group", "verdict")
            .register(metrics.registry()),
        catalog.groups().stream().map(FeatureGroup::name).toList());
  }

  private static Map<Verdict, CounterDataPoint> points(Counter counter, String name) {
    var points = new EnumMap<Verdict, CounterDataPoint>(Verdict.class);
    for (Verdict verdict : Verdict.values()) {
      points.put(verdict, counter.labelValues(name, verdict.name().toLowerCase(Locale.ROOT)));
    }
    return points;
  }

  void count(String name, Verdict verdict) {
    CounterDataPoint point = points.getOrDefault(name, unknown).get(verdict);
    if (point != null) {
      point.inc();
    }
  }
}
