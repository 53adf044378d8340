package io.clientele.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Many threads at once, with loads that land on other threads, at once, or fail. */
class CoalescerStressTest {
  private static final int THREADS = 6;
  private static final int LOADS = 20_000;
  private static final int MAX_FLIGHTS = 2;

  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger mostInFlight = new AtomicInteger();
  private final AtomicInteger loads = new AtomicInteger();

  @Test
  void givesEachCallerItsOwnValue() throws Exception {
    try (ExecutorService landers = Executors.newFixedThreadPool(2);
        ExecutorService callers = Executors.newFixedThreadPool(THREADS)) {
      Coalescer<Integer, String> coalescer =
          new Coalescer<>(
              "queue",
              (keys, timeoutNs) -> load(keys, landers),
              () -> Runnable::run,
              System::nanoTime,
              waitedNs -> {},
              new Coalescer.Limits(16, MAX_FLIGHTS, THREADS * LOADS, Long.MAX_VALUE / 4));
      List<Future<Integer>> answered = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        answered.add(callers.submit(calls(coalescer, new Random(t))));
      }
      int values = 0;
      for (Future<Integer> thread : answered) {
        values += thread.get();
      }
      assertThat(values).isPositive();
      assertThat(coalescer.callers()).isZero();
      assertThat(mostInFlight.get()).isLessThanOrEqualTo(MAX_FLIGHTS);
    }
  }

  private CompletableFuture<List<String>> load(List<Integer> keys, ExecutorService landers) {
    int now = inFlight.incrementAndGet();
    mostInFlight.accumulateAndGet(now, Math::max);
    int number = loads.incrementAndGet();
    List<String> values = keys.stream().map(key -> "value of " + key).toList();
    if (number % 5 == 0) {
      inFlight.decrementAndGet();
      return CompletableFuture.completedFuture(values);
    }
    return CompletableFuture.supplyAsync(
        () -> {
          inFlight.decrementAndGet();
          if (number % 7 == 0) {
            throw new IllegalStateException("load failed");
          }
          return values;
        },
        landers);
  }

  /** Loads random keys, cancelling some, and counts the values that came. */
  private static Callable<Integer> calls(Coalescer<Integer, String> coalescer, Random random) {
    return () -> {
      List<Integer> keys = new ArrayList<>();
      List<CompletableFuture<String>> results = new ArrayList<>();
      for (int i = 0; i < LOADS; i++) {
        int key = random.nextInt(50);
        Context.CancellableContext context = Context.ROOT.withCancellation();
        keys.add(key);
        results.add(TestingLoads.load(coalescer, key, context, random.nextInt(4) == 0));
        if (random.nextInt(10) == 0) {
          context.cancel(null);
        }
        if (random.nextInt(20) == 0) {
          results.getLast().handle((value, failure) -> true).join();
        }
      }
      int values = 0;
      for (int i = 0; i < LOADS; i++) {
        String value = results.get(i).handle((loaded, failure) -> loaded).join();
        if (value != null) {
          assertThat(value).isEqualTo("value of " + keys.get(i));
          values++;
        }
      }
      return values;
    };
  }
}
