package io.clientele.bench;

import com.google.protobuf.ByteString;
import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.statistics.LiveStatistics;
import io.clientele.featurestore.v1.CustomerStatus;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** What statistics cost a read of one customer, with the catalog that ships. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Threads(2)
@Fork(1)
public class StatisticsBenchmark {
  /** Rows a second that are sampled. */
  @Param({"0", "500", "100000"})
  public int rows;

  private final FeaturePlan plan = FeaturePlan.of(Catalog.retail());
  private final GetFeaturesResponse answer =
      GetFeaturesResponse.newBuilder()
          .addCustomers(CustomerStatus.FOUND)
          .setValues(ByteString.copyFrom(new byte[plan.all().rowBytes()]))
          .setPresence(ByteString.copyFrom(new byte[plan.all().presenceBytes()]))
          .build();
  private LiveStatistics statistics = start();

  @Setup
  public void restart() {
    statistics.close();
    statistics = start();
  }

  @TearDown
  public void stop() {
    statistics.close();
  }

  /** The clock alone, which a read has asked anyway. */
  @Benchmark
  public long clock() {
    return System.nanoTime();
  }

  /** The clock, and handing the answer over. */
  @Benchmark
  public long offer() {
    long nowNs = System.nanoTime();
    statistics.offer(plan.all(), answer, 1, nowNs);
    return nowNs;
  }

  private LiveStatistics start() {
    return LiveStatistics.start(plan.catalog(), rows, InstantSource.system());
  }
}
