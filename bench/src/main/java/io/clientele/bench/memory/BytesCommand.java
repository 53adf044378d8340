package io.clientele.bench.memory;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.engine.FeaturePlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Bytes a customer, by layout and number of customers. */
@Command(
    name = "bytes",
    mixinStandardHelpOptions = true,
    description =
        "Loads customers into a Redis of its own and prints what each layout takes: used_memory"
            + " after less before, a customer.")
final class BytesCommand implements Callable<Integer> {
  private static final int SAMPLED_KEYS = 1_000;

  @Mixin private RedisConfig config = new RedisConfig();

  @Option(
      names = "--sizes",
      split = ",",
      defaultValue = "10000,100000,1000000",
      paramLabel = "N",
      description = "Numbers of simulated customers. Default: ${DEFAULT-VALUE}.")
  private List<Integer> sizes = List.of();

  @Option(
      names = "--log",
      paramLabel = "FILE=SQL",
      description = "A further event log and the SELECT that maps it, as `clientele ingest` takes.")
  private Map<Path, Path> logs = Map.of();

  @Override
  public Integer call() throws IOException {
    FeaturePlan plan = FeaturePlan.of(Catalog.retail());
    List<CustomerLog> all = new ArrayList<>();
    all.add(CustomerLog.cdnowSample());
    logs.forEach((file, mapping) -> all.add(CustomerLog.file(file, mapping, plan)));
    sizes.forEach(size -> all.add(CustomerLog.simulated(size)));
    try (MeasuredRedis redis = config.start()) {
      System.out.printf("%n%s, %d features%n%n", redis.info().description(), plan.all().size());
      var table =
          new MarkdownTable(
              "customers",
              "events a customer",
              "layout",
              "bytes a customer",
              "of these key and hash",
              "of these change feed",
              "hashes packed",
              "loaded in s");
      for (CustomerLog log : all) {
        for (LayoutKind kind : LayoutKind.values()) {
          measure(log, plan, kind, redis, table);
        }
      }
    }
    return 0;
  }

  private static void measure(
      CustomerLog log,
      FeaturePlan plan,
      LayoutKind kind,
      MeasuredRedis redis,
      MarkdownTable table) {
    redis.clear();
    long before = redis.info().usedBytes();
    Load load = Load.of(log, plan, kind, redis);
    double bytes = redis.info().usedBytes() - before;
    List<byte[]> keys = redis.info().keys(kind.keys(), SAMPLED_KEYS);
    table.row(
        "%s (%,d)".formatted(log.name(), load.customers()),
        "%.2f".formatted((double) load.events() / load.customers()),
        kind.title(),
        "%,.0f".formatted(bytes / load.customers()),
        "%,.0f".formatted((double) redis.info().bytes(keys) / keys.size()),
        "%,.0f".formatted((double) redis.info().feedBytes() / load.customers()),
        "%.0f %%".formatted(100 * redis.packedShare(keys)),
        "%.1f".formatted(load.seconds()));
  }
}
