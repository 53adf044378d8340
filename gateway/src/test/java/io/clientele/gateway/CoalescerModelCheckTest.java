package io.clientele.gateway;

import io.grpc.Context;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * Lincheck runs a few concurrent calls again and again, each time with the threads interleaved at
 * other reads and writes of the coalescer, and prints the interleaving that breaks a check: each
 * caller gets its own key's value, or a failure that is its own or its load's, and in the end
 * nobody is left. All state is under one lock, so it is the order of steps that can go wrong and
 * not the memory model: an explorer of orders finds more than a race of threads on real cores.
 */
public class CoalescerModelCheckTest {
  private static final int SCENARIOS = 6;
  private static final int INTERLEAVINGS = 150; // a scenario

  @Test
  void holdsItsContractWhateverTheInterleavingOfTwoThreads() {
    check(/* threads= */ 2, /* calls= */ 2);
  }

  @Test
  void holdsItsContractWhateverTheInterleavingOfThreeThreads() {
    check(/* threads= */ 3, /* calls= */ 1);
  }

  private static void check(int threads, int calls) {
    new ModelCheckingOptions()
        .threads(threads)
        .actorsPerThread(calls)
        .actorsBefore(0)
        .actorsAfter(0)
        .iterations(SCENARIOS)
        .invocationsPerIteration(INTERLEAVINGS)
        .sequentialSpecification(Calls.class)
        .check(Calls.class);
  }

  /**
   * Two keys a batch, one batch in flight. Every other caller's thread has turns, which anybody may
   * run later. A caller whose load is not done lands flights and runs turns.
   */
  @Param(name = "key", gen = IntGen.class, conf = "1:3")
  public static class Calls {
    private static final int LANDS_AT_ONCE = 2;
    private static final int FAILS = 3;

    private final Queue<Flight> flights = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> turns = new ConcurrentLinkedQueue<>();
    private final AtomicInteger callers = new AtomicInteger();
    private final Coalescer<Integer, Integer> coalescer =
        new Coalescer<>(
            "queue",
            this::begin,
            this::turns,
            () -> 0,
            waitedNs -> {},
            new Coalescer.Limits(2, 1, /* maxCallers= */ 100, /* maxLoadNs= */ 10));

    private Executor turns() {
      return callers.getAndIncrement() % 2 == 0 ? turns::add : Runnable::run;
    }

    private record Flight(List<Integer> keys, CompletableFuture<List<Integer>> landing) {
      void land() {
        if (keys.contains(FAILS)) {
          landing.completeExceptionally(new LoadFailed());
        } else {
          landing.complete(keys);
        }
      }
    }

    private static final class LoadFailed extends RuntimeException {
      private static final long serialVersionUID = 1L;
    }

    private CompletionStage<List<Integer>> begin(List<Integer> keys, long timeoutNs) {
      Flight flight = new Flight(keys, new CompletableFuture<>());
      if (keys.contains(LANDS_AT_ONCE)) {
        flight.land();
      } else {
        flights.add(flight);
      }
      return flight.landing;
    }

    @Operation
    public void load(@Param(name = "key") int key) {
      require(key, end(TestingLoads.load(coalescer, key, Context.ROOT, false)), false);
    }

    @Operation
    public void loadFresh(@Param(name = "key") int key) {
      require(key, end(TestingLoads.load(coalescer, key, Context.ROOT, true)), false);
    }

    @Operation
    public void loadAndLeave(@Param(name = "key") int key) {
      Context.CancellableContext context = Context.ROOT.withCancellation();
      CompletableFuture<Integer> result = TestingLoads.load(coalescer, key, context, false);
      context.cancel(null);
      require(key, end(result), true);
    }

    @Operation
    public void loadTwo(@Param(name = "key") int key) {
      int other = key % FAILS + 1;
      List<CompletableFuture<Integer>> results =
          TestingLoads.loadAll(coalescer, List.of(key, other), Context.ROOT, false);
      require(key, end(results.get(0)), false);
      require(other, end(results.get(1)), false);
    }

    private CompletableFuture<Integer> end(CompletableFuture<Integer> result) {
      while (!result.isDone()) {
        Flight flight = flights.poll();
        if (flight != null) {
          flight.land();
        }
        Runnable turn = turns.poll();
        if (turn != null) {
          turn.run();
        }
      }
      return result;
    }

    private static void require(int key, CompletableFuture<Integer> result, boolean left) {
      boolean own =
          result.isCompletedExceptionally()
              ? isOwn(Stages.failureOf(result), left)
              : result.join() == key && key != FAILS;
      if (!own) {
        throw new AssertionError("key " + key + ": " + result);
      }
    }

    private static boolean isOwn(Throwable failure, boolean left) {
      return failure instanceof LoadFailed || (left && failure instanceof CancellationException);
    }

    @Validate
    public void requireNobodyIsLeft() {
      if (coalescer.callers() != 0 || !flights.isEmpty()) {
        throw new AssertionError(coalescer.callers() + " callers, " + flights.size() + " flights");
      }
    }
  }
}
