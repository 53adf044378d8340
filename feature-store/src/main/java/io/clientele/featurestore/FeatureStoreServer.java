package io.clientele.featurestore;

import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.feast.FeastService;
import io.clientele.featurestore.statistics.LiveStatistics;
import io.clientele.featurestore.statistics.StatisticsMetrics;
import io.clientele.featurestore.store.CustomerStore;
import io.clientele.featurestore.store.IncompatibleRedisException;
import io.clientele.grpc.GrpcServer;
import io.clientele.grpc.HostPort;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.ServerProcess;
import io.clientele.grpc.WarmUp;
import io.grpc.ManagedChannel;
import java.time.InstantSource;

/**
 * A running feature store. It starts whether Redis is there or not, and says SERVING for as long as
 * Redis answers.
 */
public final class FeatureStoreServer implements ServerProcess.Running {
  private final CustomerStore store;
  private final LiveStatistics statistics;
  private final GrpcServer server;

  private FeatureStoreServer(CustomerStore store, LiveStatistics statistics, GrpcServer server) {
    this.store = store;
    this.statistics = statistics;
    this.server = server;
  }

  /**
   * Starts on the system's clock; else as {@link #start(FeatureStoreSettings, Metrics,
   * InstantSource)}.
   */
  public static FeatureStoreServer start(FeatureStoreSettings settings, Metrics metrics) {
    return start(settings, metrics, InstantSource.system());
  }

  /**
   * Opens the store and binds the port.
   *
   * @param clock the moment of reads and folds
   * @throws IncompatibleRedisException if the Redis, or the store in it, must not be used
   * @throws java.io.UncheckedIOException if the address cannot be bound
   */
  public static FeatureStoreServer start(
      FeatureStoreSettings settings, Metrics metrics, InstantSource clock) {
    WarmUp.run(
        "feature-store",
        settings.server(),
        ownPort -> open(settings.on(ownPort), Metrics.start(null), clock, true),
        new WarmUpCalls());
    return open(settings, metrics, clock, false);
  }

  /**
   * @param rehearsal whether every customer is a {@link MadeUpCustomer}
   */
  private static FeatureStoreServer open(
      FeatureStoreSettings settings, Metrics metrics, InstantSource clock, boolean rehearsal) {
    FeaturePlan plan = FeaturePlan.of(settings.catalog());
    CustomerStore store =
        CustomerStore.open(settings.redis(), settings.changes(), plan, clock, metrics);
    LiveStatistics statistics =
        LiveStatistics.start(plan.catalog(), settings.statisticsRows(), clock);
    try {
      StatisticsMetrics.register(statistics, metrics);
      var refusals = new Refusals(clock);
      var selections = new Selections(plan, new ModelRepository(settings.models()));
      var reads =
          new FeatureReads(
              plan,
              selections,
              store,
              statistics,
              clock,
              metrics,
              rehearsal ? new MadeUpCustomer(plan, clock) : null);
      var service =
          new FeatureStoreService(
              new EventRecorder(
                  plan, store, VerdictCounts.ofEvents(plan.catalog(), metrics), refusals),
              new FeatureWriter(
                  plan, store, VerdictCounts.ofWrites(plan.catalog(), metrics), refusals),
              reads,
              new StatisticsAnswers(plan, statistics),
              new CustomerDescriptions(plan, store, refusals, clock),
              new CustomerForgetting(
                  plan, store, refusals, settings.changes().tombstoneLife(), clock),
              store.changes(),
              CatalogMessages.of(plan));
      var feast =
          new FeastService(
              plan.catalog(), request -> reads.read(request, FeatureStoreService.abandoned()));
      GrpcServer server =
          GrpcServer.start("feature-store", settings.server(), metrics, null, service, feast);
      store.watch(server::serving);
      return new FeatureStoreServer(store, statistics, server);
    } catch (RuntimeException e) {
      statistics.close();
      store.close();
      throw e;
    }
  }

  @Override
  public HostPort address() {
    return server.address();
  }

  @Override
  public void whenServing(Runnable action) {
    server.whenServing(action);
  }

  /** A channel for callers in the same process; theirs to close. */
  public ManagedChannel openInProcess() {
    return server.openInProcess();
  }

  /**
   * Ends the watches, which would not end by themselves, says NOT_SERVING, drains the calls in
   * flight, then closes the store.
   */
  @Override
  public void close() {
    store.changes().close();
    server.close();
    store.close();
    statistics.close();
  }
}
