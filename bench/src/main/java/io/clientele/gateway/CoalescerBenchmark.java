package io.clientele.gateway;

import io.grpc.Context;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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

/**
 * Loads through the gateway's coalescer, with the limits of its interactive lane, against a loader
 * that does nothing. Each caller waits for its value before it asks for the next.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class CoalescerBenchmark {
  private static final int MAX_BATCH = 256;
  private static final int MAX_FLIGHTS = 2;
  private static final int MAX_CALLERS = 10_000;
  private static final long MAX_LOAD_NS = Duration.ofMillis(500).toNanos();

  /** Where a load ends: within the call that begins it, or on another thread. */
  public enum Landing {
    AT_ONCE,
    ANOTHER_THREAD
  }

  @Param({"AT_ONCE", "ANOTHER_THREAD"})
  public Landing landing = Landing.AT_ONCE;

  private final ExecutorService lander =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("lander").factory());
  private Coalescer<Integer, Integer> coalescer = coalescer();

  @Setup
  public void make() {
    coalescer = coalescer();
  }

  private Coalescer<Integer, Integer> coalescer() {
    return new Coalescer<>(
        "queue",
        this::load,
        () -> Runnable::run,
        System::nanoTime,
        waitedNs -> {},
        new Coalescer.Limits(MAX_BATCH, MAX_FLIGHTS, MAX_CALLERS, MAX_LOAD_NS));
  }

  private CompletionStage<List<Integer>> load(List<Integer> keys, long timeoutNs) {
    return switch (landing) {
      case AT_ONCE -> CompletableFuture.completedFuture(keys);
      case ANOTHER_THREAD -> CompletableFuture.supplyAsync(() -> keys, lander);
    };
  }

  @TearDown
  public void close() {
    lander.shutdownNow();
  }

  /** Keys that no other caller asks for. */
  @State(Scope.Thread)
  public static class Keys {
    private int next = (int) Thread.currentThread().threadId() << 20;

    Integer next() {
      return next += 31;
    }
  }

  private Integer load(Integer key) {
    var loaded = new Loaded();
    coalescer.load(List.of(key), Context.ROOT, false, loaded);
    return loaded.join();
  }

  private static final class Loaded extends CompletableFuture<Integer>
      implements Receiver<Integer> {
    @Override
    public void received(int index, Integer value) {
      complete(value);
    }

    @Override
    public void failed(int index, Throwable failure) {
      completeExceptionally(failure);
    }
  }

  @Benchmark
  @Threads(1)
  public Integer oneCaller(Keys keys) {
    return load(keys.next());
  }

  @Benchmark
  @Threads(8)
  public Integer eightCallers(Keys keys) {
    return load(keys.next());
  }
}
