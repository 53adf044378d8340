package io.clientele.bench.memory;

import io.clientele.bench.memory.ReadRun.Result;
import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.engine.FeaturePlan;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Up to which length of a value Redis should pack a customer's hash into one block. */
@Command(
    name = "packing",
    mixinStandardHelpOptions = true,
    description =
        "Loads simulated customers under several hash-max-ziplist-value (called"
            + " hash-max-listpack-value since Redis 7) and prints bytes, writes and reads of"
            + " Clientele's layout.")
final class PackingCommand implements Callable<Integer> {
  private static final int SAMPLED_KEYS = 1_000;

  @Mixin private RedisConfig config = new RedisConfig();

  @Option(
      names = "--customers",
      defaultValue = "100000",
      paramLabel = "N",
      description = "How many simulated customers there are. Default: ${DEFAULT-VALUE}.")
  private int customers;

  @Option(
      names = "--values",
      split = ",",
      defaultValue = "64,128,256,512,1024,4096",
      paramLabel = "BYTES",
      description = "Longest values that are packed. Default: ${DEFAULT-VALUE}.")
  private List<Integer> values = List.of();

  @Option(
      names = "--round",
      defaultValue = "5s",
      paramLabel = "DURATION",
      description = "How long to read; warming takes half as long. Default: ${DEFAULT-VALUE}.")
  private Duration round = Duration.ofSeconds(5);

  @Override
  public Integer call() throws IOException {
    FeaturePlan plan = FeaturePlan.of(Catalog.retail());
    CustomerLog log = CustomerLog.simulated(customers);
    try (MeasuredRedis redis = config.start()) {
      System.out.printf("%n%s, %s customers%n%n", redis.info().description(), log.name());
      measure(log, plan, redis); // warms up
      var table =
          new MarkdownTable(
              "hash-max-listpack-value",
              "bytes a customer",
              "hashes packed",
              "customers written a second",
              "reads of 100 customers a second",
              "Redis µs a read");
      for (int value : values) {
        redis.set("hash-max-ziplist-value", Integer.toString(value));
        Measured measured = measure(log, plan, redis);
        table.row(
            value,
            "%,.0f".formatted(measured.bytes),
            "%.0f %%".formatted(100 * measured.packedShare),
            "%,.0f".formatted(measured.load.customers() / measured.load.seconds()),
            "%,.0f".formatted(measured.reads.callsPerSecond()),
            "%,.0f".formatted(measured.reads.redisMicrosPerCall()));
      }
    }
    return 0;
  }

  private record Measured(double bytes, double packedShare, Load load, Result reads) {}

  private Measured measure(CustomerLog log, FeaturePlan plan, MeasuredRedis redis) {
    redis.clear();
    long before = redis.info().usedBytes();
    Load load = Load.of(log, plan, LayoutKind.CLIENTELE, redis);
    double bytes = (double) (redis.info().usedBytes() - before) / load.customers();
    double packed = redis.packedShare(redis.info().keys(PackedLayout.STATE_KEYS, SAMPLED_KEYS));
    List<String> ids = new ArrayList<>();
    log.forEach(plan, customer -> ids.add(customer.id()));
    try (Layout layout = LayoutKind.CLIENTELE.open(redis.uri(), plan, log.nowMs())) {
      var run = new ReadRun("packed", List.of(layout));
      run.round(ids, plan.all().rowBytes(), round.dividedBy(2), redis);
      return new Measured(bytes, packed, load, run.round(ids, plan.all().rowBytes(), round, redis));
    }
  }
}
