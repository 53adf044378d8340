package io.clientele.gateway;

import io.clientele.gateway.v1.Provenance;
import io.clientele.grpc.Metrics;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What the gateway counts. Thread-safe. */
final class GatewayMetrics {
  private static final String SERVICE = "gateway";
  private static final double[] BATCH_SIZES = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000};

  private final Metrics metrics;
  private final PrometheusRegistry registry;
  private final Map<Provenance, CounterDataPoint> answers = new EnumMap<>(Provenance.class);
  private final Histogram batches;

  GatewayMetrics(Metrics metrics) {
    this.metrics = metrics;
    registry = metrics.registry();
    Counter counter =
        Counter.builder()
            .name("clientele_gateway_answers")
            .help("Customers answered, by how the scores came to be.")
            .labelNames("provenance")
            .register(registry);
    for (Provenance provenance :
        List.of(Provenance.COMPUTED, Provenance.CACHED, Provenance.STALE, Provenance.PRIOR)) {
      answers.put(provenance, counter.labelValues(provenance.name()));
    }
    batches =
        Histogram.builder()
            .name("clientele_gateway_batch_customers")
            .help("Customers in one load.")
            .labelNames("lane")
            .classicOnly()
            .classicUpperBounds(BATCH_SIZES)
            .register(registry);
  }

  Metrics.Stage stage(String name) {
    return metrics.stage(SERVICE, name);
  }

  void count(Provenance provenance) {
    CounterDataPoint counter = answers.get(provenance);
    if (counter != null) {
      counter.inc();
    }
  }

  /** Records the sizes of the batches that a loader gets. */
  <K, V> Coalescer.Loader<K, V> sized(String lane, Coalescer.Loader<K, V> loader) {
    var sizes = batches.labelValues(lane);
    return (keys, timeoutNs) -> {
      sizes.observe(keys.size());
      return loader.load(keys, timeoutNs);
    };
  }

  /** Shows what the change feed tells. */
  void watch(FeatureChanges changes) {
    CounterWithCallback.builder()
        .name("clientele_gateway_changes")
        .help("Changes of customers' features that the gateway was told of.")
        .callback(count -> count.call((double) changes.count()))
        .register(registry);
  }

  /** Shows what is held at the moment. */
  void watch(ScoreCache cache, Map<String, Coalescer<?, ?>> lanes, List<CircuitBreaker> breakers) {
    GaugeWithCallback.builder()
        .name("clientele_gateway_cache_entries")
        .help("Customers in the score cache.")
        .callback(gauge -> gauge.call((double) cache.size()))
        .register(registry);
    GaugeWithCallback.builder()
        .name("clientele_gateway_feed_live")
        .help("1 while the gateway hears of changes of features, 0 while it does not.")
        .callback(gauge -> gauge.call(cache.isFeedLive() ? 1 : 0))
        .register(registry);
    GaugeWithCallback.builder()
        .name("clientele_gateway_callers")
        .help("Customers that wait for a load, in flight included.")
        .labelNames("lane")
        .callback(gauge -> lanes.forEach((lane, loads) -> gauge.call(loads.callers(), lane)))
        .register(registry);
    CounterWithCallback.builder()
        .name("clientele_gateway_refused")
        .help("Customers refused because too many waited.")
        .labelNames("lane")
        .callback(
            count -> lanes.forEach((lane, loads) -> count.call((double) loads.refused(), lane)))
        .register(registry);
    CounterWithCallback.builder()
        .name("clientele_gateway_dropped")
        .help("Customers not loaded because the caller had gone.")
        .labelNames("lane")
        .callback(
            count -> lanes.forEach((lane, loads) -> count.call((double) loads.dropped(), lane)))
        .register(registry);
    GaugeWithCallback.builder()
        .name("clientele_gateway_breaker_open")
        .help("1 while the circuit breaker lets no call through, 0.5 while it tries some.")
        .labelNames("dependency")
        .callback(
            gauge ->
                breakers.forEach(
                    breaker -> gauge.call(openness(breaker.getState()), breaker.getName())))
        .register(registry);
  }

  private static double openness(CircuitBreaker.State state) {
    return switch (state) {
      case OPEN, FORCED_OPEN -> 1;
      case HALF_OPEN -> 0.5;
      case CLOSED, DISABLED, METRICS_ONLY -> 0;
    };
  }
}
