package io.clientele.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.grpc.DeadlineException;
import io.clientele.grpc.OverloadedException;
import io.grpc.Context;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever the order of loads, landings, turns, failures, cancellations and deadlines, each caller
 * gets its own key's value once, or a failure that is its own or its load's.
 */
class CoalescerInterleavingsTest {
  private static final int RUNS = 400;
  private static final int STEPS = 120;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void holdsTheContract(long seed) {
    for (int run = 0; run < RUNS; run++) {
      new Simulation(seed * RUNS + run).run();
    }
  }

  private static final class LoadFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private record Caller(
      String key,
      Context.CancellableContext context,
      boolean fresh,
      int firstFlight,
      CompletableFuture<String> result) {

    boolean isGone() {
      return context.isCancelled()
          || (context.getDeadline() != null && context.getDeadline().isExpired());
    }
  }

  private static final class Simulation implements Coalescer.Loader<String, String> {
    private final long seed;
    private final Random random;
    private final TestingTicker ticker = new TestingTicker();
    private final List<Caller> callers = new ArrayList<>();
    private final List<TestingFlights.Flight> inFlight = new ArrayList<>();

    /** One a thread that has turns: what they will do. */
    private final List<Queue<Runnable>> turns = List.of(new ArrayDeque<>(), new ArrayDeque<>());

    private final List<Executor> executors =
        turns.stream().<Executor>map(turn -> turn::add).toList();
    private final Coalescer.Limits limits;
    private final Coalescer<String, String> coalescer;
    private int flights;
    private int thread;

    Simulation(long seed) {
      this.seed = seed;
      random = new Random(seed);
      limits =
          new Coalescer.Limits(
              1 + random.nextInt(4),
              1 + random.nextInt(3),
              3 + random.nextInt(12),
              Duration.ofHours(1 + random.nextInt(5)).toNanos());
      coalescer = new Coalescer<>("queue", this, this::turns, ticker::read, waitedNs -> {}, limits);
    }

    void run() {
      try (TestingDeadlines deadlines = new TestingDeadlines(ticker)) {
        for (int step = 0; step < STEPS; step++) {
          act(deadlines);
          // Whose load has landed is held no more, and hears of it in its thread's turn.
          assertThat(coalescer.callers())
              .as("seed %d", seed)
              .isLessThanOrEqualTo(Math.min(unanswered(), limits.maxCallers()));
        }
        while (endTurn(turns.getFirst()) || endTurn(turns.getLast()) || !inFlight.isEmpty()) {
          if (!inFlight.isEmpty()) {
            inFlight.removeFirst().land();
          }
        }
        assertThat(coalescer.callers()).as("seed %d", seed).isZero();
        callers.forEach(this::check);
      }
    }

    private void act(TestingDeadlines deadlines) {
      switch (random.nextInt(10)) {
        case 0, 1, 2, 3 -> load(deadlines);
        case 4 ->
            callers.stream()
                .skip(random.nextInt(callers.size() + 1))
                .findFirst()
                .ifPresent(caller -> caller.context().cancel(null));
        case 5 -> ticker.advance(Duration.ofMinutes(random.nextInt(90)));
        case 6 -> endTurn(turns.get(random.nextInt(turns.size())));
        default -> {
          if (!inFlight.isEmpty()) {
            end(inFlight.remove(random.nextInt(inFlight.size())));
          }
        }
      }
    }

    private void load(TestingDeadlines deadlines) {
      Context.CancellableContext context =
          random.nextBoolean()
              ? Context.ROOT.withCancellation()
              : deadlines.in(Duration.ofMinutes(random.nextInt(300)));
      boolean fresh = random.nextInt(3) == 0;
      List<String> keys =
          random
              .ints(random.nextInt(4) == 0 ? 3 : 1, 0, 6)
              .mapToObj(customer -> "customer-" + customer)
              .toList();
      thread = random.nextInt(turns.size() + 1);
      // A caller is known before its load begins, as the load may begin within the call.
      List<CompletableFuture<String>> results = new ArrayList<>();
      for (String key : keys) {
        results.add(new CompletableFuture<>());
        callers.add(new Caller(key, context, fresh, flights, results.getLast()));
      }
      int before = coalescer.callers();
      coalescer.load(keys, context, fresh, new TestingLoads<>(results));
      for (int i = 0; i < keys.size(); i++) {
        if (results.get(i).isCompletedExceptionally()
            && results.get(i).exceptionNow() instanceof OverloadedException) {
          assertThat(before + i).as("seed %d", seed).isGreaterThanOrEqualTo(limits.maxCallers());
        }
      }
    }

    /** The calling thread's: the last one has none. */
    private Executor turns() {
      return thread < turns.size() ? executors.get(thread) : Runnable::run;
    }

    private static boolean endTurn(Queue<Runnable> turn) {
      Runnable next = turn.poll();
      if (next == null) {
        return false;
      }
      next.run();
      return true;
    }

    @Override
    public CompletionStage<List<String>> load(List<String> keys, long timeoutNs) {
      assertThat(new HashSet<>(keys)).as("seed %d", seed).hasSize(keys.size());
      assertThat(keys.size()).as("seed %d", seed).isBetween(1, limits.maxBatch());
      assertThat(inFlight.size()).as("seed %d", seed).isLessThan(limits.maxFlights());
      assertThat(timeoutNs).as("seed %d", seed).isBetween(1L, limits.maxLoadNs());
      for (String key : keys) {
        assertThat(callers)
            .as("seed %d: somebody waits for %s", seed, key)
            .anyMatch(
                caller ->
                    caller.key().equals(key) && !caller.result().isDone() && !caller.isGone());
      }
      TestingFlights.Flight flight =
          new TestingFlights.Flight(
              flights++, List.copyOf(keys), timeoutNs, new CompletableFuture<>());
      switch (random.nextInt(8)) {
        case 0 -> flight.land();
        case 1 -> throw new LoadFailed();
        default -> inFlight.add(flight);
      }
      return flight.landing();
    }

    private void end(TestingFlights.Flight flight) {
      switch (random.nextInt(6)) {
        case 0 -> flight.landing().completeExceptionally(new LoadFailed());
        case 1 -> flight.landing().complete(flight.values().subList(1, flight.keys().size()));
        default -> flight.land();
      }
    }

    private int unanswered() {
      return (int) callers.stream().filter(caller -> !caller.result().isDone()).count();
    }

    private void check(Caller caller) {
      CompletableFuture<String> result = caller.result();
      assertThat(result).as("seed %d", seed).isDone();
      if (result.isCompletedExceptionally()) {
        switch (Stages.failureOf(result)) {
          case CancellationException e ->
              assertThat(caller.context().isCancelled()).as("seed %d", seed).isTrue();
          case DeadlineException e -> assertThat(caller.isGone()).as("seed %d", seed).isTrue();
          case OverloadedException e -> {}
          case LoadFailed e -> {}
          case IllegalStateException e ->
              assertThat(e).as("seed %d", seed).hasMessageContaining("expected: ");
          default -> throw new AssertionError("seed " + seed, Stages.failureOf(result));
        }
        return;
      }
      String[] keyAndFlight = result.join().split("@");
      assertThat(keyAndFlight[0]).as("seed %d", seed).isEqualTo(caller.key());
      if (caller.fresh()) {
        assertThat(Integer.parseInt(keyAndFlight[1]))
            .as("seed %d: a fresh value", seed)
            .isGreaterThanOrEqualTo(caller.firstFlight());
      }
    }
  }
}
