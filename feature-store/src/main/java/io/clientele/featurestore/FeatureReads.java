package io.clientele.featurestore;

import com.google.protobuf.util.Timestamps;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.FeatureSelection;
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
import io.clientele.grpc.UnavailableException;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

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
  private final CounterDataPoint damaged;
  private final DamageLog damageLog = new DamageLog();
  private final MissingCounts missing;
  private final LiveStatistics statistics;
  private final @Nullable MadeUpCustomer everybody;

  /**
   * @param everybody whose state all customers have, once theirs has been read: so that a rehearsal
   *     needs no customer; null for everyone's own
   */
  FeatureReads(
      FeaturePlan plan,
      Selections selections,
      CustomerStore store,
      LiveStatistics statistics,
      InstantSource clock,
      Metrics metrics,
      @Nullable MadeUpCustomer everybody) {
    this.plan = plan;
    this.selections = selections;
    this.store = store;
    this.statistics = statistics;
    this.clock = clock;
    this.everybody = everybody;
    compute = Stages.ofReads(metrics).compute();
    Counter rows =
        Counter.builder()
            .name("clientele_feature_rows_total")
            .help("Customers whose features were read.")
            .labelNames("status")
            .register(metrics.registry());
    found = rows.labelValues("found");
    unknown = rows.labelValues("unknown");
    damaged = rows.labelValues("damaged");
    missing = new MissingCounts(plan.catalog(), metrics);
  }

  /**
   * @throws InvalidRequestException if a customer, a feature, a model or the moment is wrong
   * @throws PreconditionException if the caller was made for another catalog
   */
  CompletableFuture<GetFeaturesResponse> read(
      GetFeaturesRequest request, BooleanSupplier abandoned) {
    List<String> ids = request.getCustomerIdsList();
    CustomerIds.check("customer_ids", ids, MAX_CUSTOMERS);
    checkVersions(request);
    requireCatalog(request.getCatalogHash());
    ReadPlan columns = selections.of(request);
    ReadMoment asked = ReadMoment.of(request, plan, clock);
    return store
        .read(ids, asked.chosen() ? columns.fieldsAsOf() : columns.fields(), abandoned)
        .thenApply(
            states ->
                response(
                    request,
                    columns,
                    asked,
                    everybody == null ? states : madeUp(everybody, states)));
  }

  private static List<StoredState> madeUp(MadeUpCustomer everybody, List<StoredState> states) {
    return Collections.nCopies(states.size(), everybody.state());
  }

  private static void checkVersions(GetFeaturesRequest request) {
    int count = request.getMinFeatureVersionsCount();
    if (count != 0 && count != request.getCustomerIdsCount()) {
      throw new InvalidRequestException(
          "min_feature_versions",
          count
              + " versions (expected: none, or "
              + request.getCustomerIdsCount()
              + ", one a customer)");
    }
  }

  private void requireCatalog(String hash) {
    if (!hash.isEmpty() && !hash.equals(plan.catalogHash())) {
      throw new PreconditionException(
          "catalog_hash", hash + " (expected: " + plan.catalogHash() + ")");
    }
  }

  private GetFeaturesResponse response(
      GetFeaturesRequest request, ReadPlan columns, ReadMoment asked, List<StoredState> states) {
    requireVersions(request, states);
    long startNs = System.nanoTime();
    ReadMoment moment = asked.chosen() ? asked : ReadMoment.now(clock);
    FeatureSelection selection = columns.selection();
    var rows = new FeatureRows(plan, selection, moment, states.size(), request.getWithAges());
    var response =
        (request.hasFeatures() ? columns.head() : columns.headWithNames())
            .toBuilder().setAsOf(Timestamps.fromMillis(moment.ms()));
    int foundRows = 0;
    int damagedRows = 0;
    for (int row = 0; row < states.size(); row++) {
      StoredState state = states.get(row);
      String customerId = request.getCustomerIds(row);
      CustomerStatus status = rows.read(row, state, damage -> damageLog.note(customerId, damage));
      foundRows += status == CustomerStatus.FOUND ? 1 : 0;
      damagedRows += status == CustomerStatus.DAMAGED ? 1 : 0;
      response.addCustomers(status).addFeatureVersions(state.version());
    }
    found.inc(foundRows);
    damaged.inc(damagedRows);
    unknown.inc(states.size() - foundRows - damagedRows);
    response
        .setValues(rows.values())
        .setPresence(rows.presence())
        .setStaleness(rows.staleness())
        .setAges(rows.ages())
        .addAllUnanswered(rows.unanswered());
    GetFeaturesResponse answer = response.build();
    long endNs = System.nanoTime();
    if (!moment.chosen()) {
      missing.count(selection, response.getCustomersList(), rows.presence());
      statistics.offer(selection, answer, foundRows, endNs);
    }
    compute.recordNs(endNs - startNs);
    return answer;
  }

  /** A known customer whose state is older than asked is one of whom Redis has lost writes. */
  private static void requireVersions(GetFeaturesRequest request, List<StoredState> states) {
    for (int i = 0; i < request.getMinFeatureVersionsCount(); i++) {
      StoredState state = states.get(i);
      if (state.exists() && state.version() < request.getMinFeatureVersions(i)) {
        throw new UnavailableException(
            "redis",
            new IllegalStateException(
                "customer_ids["
                    + i
                    + "] is at feature version "
                    + state.version()
                    + " (expected: >= "
                    + request.getMinFeatureVersions(i)
                    + "), so it has lost writes"));
      }
    }
  }

  static CustomerStatus status(StoredState state) {
    return state.exists() ? CustomerStatus.FOUND : CustomerStatus.UNKNOWN;
  }
}
