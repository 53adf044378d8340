package io.clientele.bench.memory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;

/**
 * Reads of random customers, measured from the caller's side, in rounds.
 *
 * @param name what reads
 * @param readers one a thread; each makes its next call when the one before is answered
 */
record ReadRun(String name, List<? extends MatrixReader> readers) {
  static final int CUSTOMERS = 100;

  /** What rounds came to. */
  static final class Result {
    private final long[] timesNs; // ascending
    private final double seconds;
    private final double redisMicros;

    private Result(LongStream timesNs, double seconds, double redisMicros) {
      this.timesNs = timesNs.sorted().toArray();
      this.seconds = seconds;
      this.redisMicros = redisMicros;
    }

    Result and(Result other) {
      return new Result(
          LongStream.concat(LongStream.of(timesNs), LongStream.of(other.timesNs)),
          seconds + other.seconds,
          redisMicros + other.redisMicros);
    }

    double callsPerSecond() {
      return timesNs.length / seconds;
    }

    double millis(double quantile) {
      return timesNs[(int) (quantile * (timesNs.length - 1))] / 1e6;
    }

    /** What Redis spent on a call. */
    double redisMicrosPerCall() {
      return redisMicros / timesNs.length;
    }
  }

  /** Reads for so long. */
  Result round(List<String> ids, int rowBytes, Duration length, MeasuredRedis redis) {
    double redisBefore = redis.cpuMicros();
    long startNs = System.nanoTime();
    long endNs = startNs + length.toNanos();
    var times = LongStream.builder();
    try (var threads = Executors.newFixedThreadPool(readers.size())) {
      var callers = new ArrayList<Future<long[]>>();
      for (MatrixReader reader : readers) {
        var random = new SplittableRandom(callers.size());
        callers.add(threads.submit(() -> call(reader, ids, rowBytes, endNs, random)));
      }
      for (Future<long[]> caller : callers) {
        LongStream.of(caller.get()).forEach(times);
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(name, e);
    }
    double elapsed = (System.nanoTime() - startNs) / 1e9;
    return new Result(times.build(), elapsed, redis.cpuMicros() - redisBefore);
  }

  private static long[] call(
      MatrixReader reader, List<String> ids, int rowBytes, long endNs, SplittableRandom random) {
    var values = ByteBuffer.allocate(CUSTOMERS * rowBytes).order(ByteOrder.LITTLE_ENDIAN);
    var times = LongStream.builder();
    long nowNs = System.nanoTime();
    while (nowNs < endNs) {
      List<String> wanted = random.ints(CUSTOMERS, 0, ids.size()).mapToObj(ids::get).toList();
      long startNs = System.nanoTime();
      reader.read(wanted, values);
      nowNs = System.nanoTime();
      times.add(nowNs - startNs);
    }
    return times.build().toArray();
  }
}
