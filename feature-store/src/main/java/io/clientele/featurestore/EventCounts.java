package io.clientele.featurestore;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.catalog.EventType;
import io.clientele.featurestore.engine.Verdict;
import io.clientele.grpc.Metrics;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Counts events by type and verdict. Types that the catalog does not have are one. Thread-safe. */
final class EventCounts {
  private static final String UNKNOWN = "unknown";

  private final Map<String, Map<Verdict, CounterDataPoint>> points = new HashMap<>();
  private final Map<Verdict, CounterDataPoint> unknown;

  EventCounts(Catalog catalog, Metrics metrics) {
    Counter counter =
        Counter.builder()
            .name("clientele_events_total")
            .help("Events by type and verdict.")
            .labelNames("type", "verdict")
            .register(metrics.registry());
    for (EventType type : catalog.eventTypes()) {
      points.put(type.name(), points(counter, type.name()));
    }
    unknown = points(counter, UNKNOWN);
  }

  private static Map<Verdict, CounterDataPoint> points(Counter counter, String type) {
    var points = new EnumMap<Verdict, CounterDataPoint>(Verdict.class);
    for (Verdict verdict : Verdict.values()) {
      points.put(verdict, counter.labelValues(type, verdict.name().toLowerCase(Locale.ROOT)));
    }
    return points;
  }

  void count(String type, Verdict verdict) {
    CounterDataPoint point = points.getOrDefault(type, unknown).get(verdict);
    if (point != null) {
      point.inc();
    }
  }
}
