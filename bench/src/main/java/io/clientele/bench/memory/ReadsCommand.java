package io.clientele.bench.memory;

import io.clientele.bench.memory.ReadRun.Result;
import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.engine.FeaturePlan;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Reads a second of 100 customers and all features, by layout and calls in flight. */
@Command(
    name = "reads",
    mixinStandardHelpOptions = true,
    description =
        "Loads the same customers in every layout into one Redis, warms all readers up, and reads"
            + " 100 random customers a call in rounds that take turns.")
final class ReadsCommand implements Callable<Integer> {
  private static final int ROUNDS = 3;

  @Mixin private RedisConfig config = new RedisConfig();

  @Option(
      names = "--customers",
      defaultValue = "100000",
      paramLabel = "N",
      description = "How many simulated customers there are. Default: ${DEFAULT-VALUE}.")
  private int customers;

  @Option(
      names = "--round",
      defaultValue = "5s",
      paramLabel = "DURATION",
      description =
          "How long a round takes; warming takes twice as long. Default: ${DEFAULT-VALUE}.")
  private Duration round = Duration.ofSeconds(5);

  @Option(
      names = "--in-flight",
      split = ",",
      defaultValue = "1,8",
      paramLabel = "N",
      description = "How many callers there are at once. Default: ${DEFAULT-VALUE}.")
  private List<Integer> inFlight = List.of();

  @Override
  public Integer call() throws IOException {
    FeaturePlan plan = FeaturePlan.of(Catalog.retail());
    CustomerLog log = CustomerLog.simulated(customers);
    try (MeasuredRedis redis = config.start()) {
      for (LayoutKind kind : LayoutKind.values()) {
        Load.of(log, plan, kind, redis);
      }
      System.out.printf(
          "%n%s, %d features, %s customers%n%n",
          redis.info().description(), plan.all().size(), log.name());
      var table =
          new MarkdownTable(
              "reader",
              "in flight",
              "calls a second",
              "of as Feast",
              "p50 ms",
              "p99 ms",
              "Redis µs a call");
      for (int callers : inFlight) {
        measure(callers, plan, log, redis, table);
      }
    }
    return 0;
  }

  private void measure(
      int callers, FeaturePlan plan, CustomerLog log, MeasuredRedis redis, MarkdownTable table) {
    List<String> ids = new ArrayList<>();
    log.forEach(plan, customer -> ids.add(customer.id()));
    Map<LayoutKind, List<Layout>> layouts = new EnumMap<>(LayoutKind.class);
    for (LayoutKind kind : LayoutKind.values()) {
      layouts.put(kind, open(kind, callers, redis.uri(), plan, log.nowMs()));
    }
    try (var served = new ServedReader(redis.uri(), log.nowMs())) {
      List<ReadRun> runs = new ArrayList<>();
      layouts.forEach((kind, readers) -> runs.add(new ReadRun(kind.title(), readers)));
      runs.add(
          new ReadRun("Clientele, GetFeatures over gRPC", Collections.nCopies(callers, served)));
      Map<String, Result> results = rounds(runs, ids, plan.all().rowBytes(), redis);
      double base = result(results, LayoutKind.FEAST.title()).callsPerSecond();
      for (ReadRun run : runs) {
        Result result = result(results, run.name());
        table.row(
            run.name(),
            callers,
            "%,.0f".formatted(result.callsPerSecond()),
            "%.1f".formatted(result.callsPerSecond() / base),
            "%.2f".formatted(result.millis(0.5)),
            "%.2f".formatted(result.millis(0.99)),
            "%,.0f".formatted(result.redisMicrosPerCall()));
      }
    } finally {
      layouts.values().forEach(opened -> opened.stream().distinct().forEach(Layout::close));
    }
  }

  /** One a caller, with a connection of its own; the store, which reads for many, once for all. */
  private static List<Layout> open(
      LayoutKind kind, int callers, URI redis, FeaturePlan plan, long nowMs) {
    if (kind == LayoutKind.CLIENTELE) {
      return Collections.nCopies(callers, kind.open(redis, plan, nowMs));
    }
    List<Layout> readers = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      readers.add(kind.open(redis, plan, nowMs));
    }
    return readers;
  }

  private Map<String, Result> rounds(
      List<ReadRun> runs, List<String> ids, int rowBytes, MeasuredRedis redis) {
    for (ReadRun run : runs) {
      run.round(ids, rowBytes, round.multipliedBy(2), redis);
    }
    Map<String, Result> results = new HashMap<>();
    for (int i = 0; i < ROUNDS; i++) {
      for (ReadRun run : runs) {
        results.merge(run.name(), run.round(ids, rowBytes, round, redis), Result::and);
      }
    }
    return results;
  }

  private static Result result(Map<String, Result> results, String name) {
    Result result = results.get(name);
    if (result == null) {
      throw new IllegalStateException("not measured: " + name);
    }
    return result;
  }
}
