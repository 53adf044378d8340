package io.clientele.cli;

import io.clientele.featurestore.StoreOptions;
import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.store.ChangeSettings;
import io.clientele.featurestore.store.CustomerStore;
import io.clientele.featurestore.store.RedisSettings;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.SettingsProblems;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Builds customers' state in Redis anew from an event log. */
@Command(
    name = "reindex",
    mixinStandardHelpOptions = true,
    description =
        "Builds the state of the customers of an event log anew, after the catalog has changed."
            + " Reads and writes go on meanwhile.")
final class ReindexCommand implements Callable<Integer> {
  @Mixin private EventLogOptions events = new EventLogOptions();
  @Mixin private StoreOptions options = new StoreOptions();

  @Override
  public Integer call() {
    SettingsProblems problems = new SettingsProblems();
    RedisSettings redis = options.redis(problems);
    ChangeSettings changes = options.changes(problems);
    Catalog catalog = options.catalog(problems);
    problems.throwIfAny();
    FeaturePlan plan = FeaturePlan.of(catalog);
    try (EventLog log = events.open(catalog);
        Metrics metrics = Metrics.start(null);
        CustomerStore store =
            CustomerStore.open(redis, changes, plan, InstantSource.system(), metrics)) {
      Reindex.Counts counts = reindex(log, plan, store);
      System.out.println(counts);
      counts.reasons().forEach(reason -> System.out.println("  " + reason));
      return counts.failed() == 0 ? 0 : 1;
    }
  }

  private static Reindex.Counts reindex(EventLog log, FeaturePlan plan, CustomerStore store) {
    try (ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName("Events")
            .setInitialMax(log.size())
            .setStyle(ProgressBarStyle.ASCII)
            .build()) {
      Reindex reindex = new Reindex(plan, log.types(), store, bar::stepTo);
      log.forEach(EventLog.Order.CUSTOMER, reindex::add);
      return reindex.finish();
    }
  }
}
