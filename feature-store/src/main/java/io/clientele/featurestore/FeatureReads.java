package io.clientele.featurestore;

import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.util.Timestamps;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.FeatureReader;
import io.clientele.featurestore.engine.FeatureSelection;
import io.clientele.featurestore.engine.StateException;
import io.clientele.featurestore.statistics.LiveStatistics;
import io.clientele.featurestore.store.CustomerStore;
import io.clientele.featurestore.store.Stages;
import io.clientele.featurestore.store.StoredState;
import io.clientele.featurestore.v1.CustomerStatus;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import io.clientele.grpc.InvalidRequestException;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.Metrics.Stage;
import io.clientele.grpc.PreconditionException;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** Reads matrices of features. Thread-safe. */
final class FeatureReads {
  static final int MAX_CUSTOMERS = 1_000;

  private final FeaturePlan plan;
  private final Selections selections;
  private final CustomerStore store;
  private final InstantSource clock;
  private final Stage compute;
  private final CounterDataPoint found;
  private final CounterDataPoint unknown;
  private final MissingCounts missing;
  private final LiveStatistics statistics;

  FeatureReads(
      FeaturePlan plan,
      Selections selections,
      CustomerStore store,
      LiveStatistics statistics,
      InstantSource clock,
      Metrics metrics) {
    this.plan = plan;
    this.selections = selections;
    this.store = store;
    this.statistics = statistics;
    this.clock = clock;
    compute = Stages.ofReads(metrics).compute();
    Counter rows =
        Counter.builder()
            .name("clientele_feature_rows_total")
            .help("Customers whose features were read.")
            .labelNames("status")
            .register(metrics.registry());
    found = rows.labelValues("found");
    unknown = rows.labelValues("unknown");
    missing = new MissingCounts(plan.catalog(), metrics);
  }

  /**
   * @throws InvalidRequestException if a customer, a feature or a model is wrong
   * @throws PreconditionException if the caller was made for another catalog
   */
  CompletableFuture<GetFeaturesResponse> read(
      GetFeaturesRequest request, BooleanSupplier abandoned) {
    List<String> ids = request.getCustomerIdsList();
    CustomerIds.check("customer_ids", ids, MAX_CUSTOMERS);
    requireCatalog(request.getCatalogHash());
    FeatureSelection selection = selections.of(request);
    return store.read(ids, abandoned).thenApply(states -> response(request, selection, states));
  }

  private void requireCatalog(String hash) {
    if (!hash.isEmpty() && !hash.equals(plan.catalogHash())) {
      throw new PreconditionException(
          "catalog_hash", hash + " (expected: " + plan.catalogHash() + ")");
    }
  }

  private GetFeaturesResponse response(
      GetFeaturesRequest request, FeatureSelection selection, List<StoredState> states) {
    long startNs = System.nanoTime();
    long asOfMs = clock.millis();
    byte[] values = new byte[states.size() * selection.rowBytes()];
    byte[] presence = new byte[states.size() * selection.presenceBytes()];
    var response =
        GetFeaturesResponse.newBuilder()
            .setCatalogHash(plan.catalogHash())
            .setAsOf(Timestamps.fromMillis(asOfMs));
    if (!request.hasFeatures()) {
      response.addAllFeatureNames(selection.names());
    }
    compute(selection, states, asOfMs, ByteBuffer.wrap(values), ByteBuffer.wrap(presence));
    int foundRows = 0;
    for (StoredState state : states) {
      foundRows += state.exists() ? 1 : 0;
      response.addCustomers(status(state)).addFeatureVersions(state.version());
    }
    found.inc(foundRows);
    unknown.inc(states.size() - foundRows);
    missing.count(selection, states, presence);
    response
        .setValues(UnsafeByteOperations.unsafeWrap(values))
        .setPresence(UnsafeByteOperations.unsafeWrap(presence));
    GetFeaturesResponse answer = response.build();
    long endNs = System.nanoTime();
    if (!request.hasAsOf()) {
      statistics.offer(selection, answer, foundRows, endNs);
    }
    compute.recordNs(endNs - startNs);
    return answer;
  }

  private static void compute(
      FeatureSelection selection,
      List<StoredState> states,
      long asOfMs,
      ByteBuffer values,
      ByteBuffer presence) {
    FeatureReader reader = selection.newReader();
    for (int row = 0; row < states.size(); row++) {
      StoredState state = states.get(row);
      int valuesAt = row * selection.rowBytes();
      int presenceAt = row * selection.presenceBytes();
      if (!state.exists()) {
        reader.readUnknown(values, valuesAt, presence, presenceAt);
        continue;
      }
      try {
        reader.read(state.summary(), asOfMs, values, valuesAt, presence, presenceAt);
      } catch (StateException e) {
        throw new PreconditionException(
            "customer_ids[" + row + "]", String.valueOf(e.getMessage()));
      }
    }
  }

  static CustomerStatus status(StoredState state) {
    return state.exists() ? CustomerStatus.FOUND : CustomerStatus.UNKNOWN;
  }
}
