package io.clientele.bench.memory;

import io.clientele.featurestore.FeatureStoreSettings;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.FeatureReader;
import io.clientele.featurestore.engine.FeatureSelection;
import io.clientele.featurestore.store.CustomerChanges;
import io.clientele.featurestore.store.CustomerStore;
import io.clientele.featurestore.store.StoredState;
import io.clientele.grpc.Metrics;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Clientele's own layout, through its own store: one hash a customer, with the packed state from
 * which features are computed when they are read. Many threads may read.
 */
final class PackedLayout implements Layout {
  /** The hashes of customers, as SCAN matches them. */
  static final String STATE_KEYS = "{b*}:c:*";

  /** The streams of changes and their counters, as SCAN matches them. */
  static final String FEED_KEYS = "{b*}:[fn]";

  private static final int BATCHES_IN_FLIGHT = 4;
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final CustomerStore store;
  private final long nowMs;
  private final FeatureSelection selection;
  private final Deque<CompletableFuture<?>> writing = new ArrayDeque<>();

  PackedLayout(URI redis, FeaturePlan plan, long nowMs) {
    this.nowMs = nowMs;
    selection = plan.all();
    FeatureStoreSettings settings = DefaultStore.settings(redis);
    store =
        CustomerStore.open(
            settings.redis().withTimeout(TIMEOUT),
            settings.changes(),
            plan,
            InstantSource.fixed(Instant.ofEpochMilli(nowMs)),
            Metrics.start(null));
  }

  @Override
  public void write(List<Customer> customers) {
    List<CustomerChanges> changes =
        customers.stream()
            .map(customer -> new CustomerChanges(customer.id(), List.copyOf(customer.events())))
            .toList();
    if (writing.size() == BATCHES_IN_FLIGHT) {
      writing.remove().join();
    }
    writing.add(store.record(changes, () -> false));
  }

  @Override
  public void read(List<String> customerIds, ByteBuffer values) {
    FeatureReader reader = selection.newReader();
    var presence = ByteBuffer.allocate(selection.presenceBytes());
    List<StoredState> states = store.read(customerIds, List.of(), () -> false).join();
    for (int row = 0; row < states.size(); row++) {
      reader.read(
          states.get(row).summary(), nowMs, values, row * selection.rowBytes(), presence, 0);
    }
  }

  @Override
  public void close() {
    writing.forEach(CompletableFuture::join);
    store.close();
  }
}
