package io.clientele.bench.memory;

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
import redis.clients.jedis.exceptions.JedisDataException;

/** What many small changes leave behind: in memory and in the append-only file. */
@Command(
    name = "aging",
    mixinStandardHelpOptions = true,
    description =
        "Records simulated customers' events one at a time, each a write of its own, in a Redis"
            + " that keeps an append-only file; then rewrites the file, and defragments.")
final class AgingCommand implements Callable<Integer> {
  private static final int BATCH = 1_000;

  @Mixin private RedisConfig config = new RedisConfig();

  @Option(
      names = "--customers",
      defaultValue = "100000",
      paramLabel = "N",
      description = "How many simulated customers there are. Default: ${DEFAULT-VALUE}.")
  private int customers;

  @Option(
      names = "--defragment",
      defaultValue = "30s",
      paramLabel = "DURATION",
      description = "How long to defragment. Default: ${DEFAULT-VALUE}.")
  private Duration defragment = Duration.ofSeconds(30);

  @Override
  public Integer call() throws IOException {
    FeaturePlan plan = FeaturePlan.of(Catalog.retail());
    CustomerLog log = CustomerLog.simulated(customers);
    List<Customer> all = new ArrayList<>();
    log.forEach(plan, all::add);
    try (MeasuredRedis redis = config.start()) {
      redis.keepAppendOnlyFile();
      System.out.printf("%n%s, %s customers%n%n", redis.info().description(), log.name());
      var table =
          new MarkdownTable(
              "after", "s", "writes", "append-only file MB", "used MB", "resident MB", "ratio");
      long startNs = System.nanoTime();
      long writes = record(all, plan, log.nowMs(), redis);
      row(table, "event by event", startNs, writes, redis);
      startNs = System.nanoTime();
      redis.rewriteAppendOnlyFile();
      row(table, "rewriting the file", startNs, 0, redis);
      startNs = System.nanoTime();
      try {
        redis.defragment(defragment);
        row(table, "active defragmentation", startNs, 0, redis);
      } catch (JedisDataException e) {
        System.out.printf("%nNo active defragmentation: %s%n", e.getMessage());
      }
    }
    return 0;
  }

  /** The first events of all customers, then the second ones, and so on. */
  private static long record(
      List<Customer> all, FeaturePlan plan, long nowMs, MeasuredRedis redis) {
    long writes = 0;
    try (Layout layout = LayoutKind.CLIENTELE.open(redis.uri(), plan, nowMs)) {
      List<Customer> left = all;
      for (int number = 0; !left.isEmpty(); number++) {
        for (int from = 0; from < left.size(); from += BATCH) {
          List<Customer> batch = new ArrayList<>();
          for (Customer customer : left.subList(from, Math.min(from + BATCH, left.size()))) {
            batch.add(new Customer(customer.id(), List.of(customer.events().get(number))));
          }
          layout.write(batch);
        }
        writes += left.size();
        int done = number + 1;
        left = left.stream().filter(customer -> customer.events().size() > done).toList();
      }
    }
    return writes;
  }

  private static void row(
      MarkdownTable table, String after, long startNs, long writes, MeasuredRedis redis) {
    table.row(
        after,
        "%.1f".formatted((System.nanoTime() - startNs) / 1e9),
        "%,d".formatted(writes),
        megabytes(redis.info().field("persistence", "aof_current_size")),
        megabytes(redis.info().field("memory", "used_memory")),
        megabytes(redis.info().field("memory", "used_memory_rss")),
        redis.info().field("memory", "mem_fragmentation_ratio"));
  }

  private static String megabytes(String bytes) {
    return "%.1f".formatted(Long.parseLong(bytes) / 1e6);
  }
}
