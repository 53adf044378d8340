package io.clientele.gateway;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clientele.grpc.DeadlineException;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.OverloadedException;
import io.grpc.Context;
import io.grpc.Deadline;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns loads of single keys into loads of batches: while a batch is in flight the next one fills.
 * There is no timer and no thread; a load leaves at the end of its thread's turn where a flight is
 * free, together with what else the turn brought, and otherwise when a flight lands.
 *
 * <p>The contract:
 *
 * <ul>
 *   <li>Every caller hears once, of its own key's value or of a failure, provided that the loader
 *       completes or throws.
 *   <li>Callers of one key share one load: the one that waits, and also the one in flight unless
 *       they ask for a fresh value.
 *   <li>A caller whose context was cancelled or whose deadline passed is dropped before its batch
 *       leaves; a key that nobody waits for is not loaded.
 *   <li>At most {@code maxCallers} callers are held; one more is refused with an {@link
 *       OverloadedException}.
 * </ul>
 *
 * <p>Thread-safe. The lock is held for bookkeeping only, never while the loader runs or a caller is
 * told. Callers are told in a turn of the thread that asked, all that a flight brought it in one;
 * for a thread without turns, on the thread that completes the loader's stage. A refusal is told
 * within the call.
 */
final class Coalescer<K, V> {
  private static final Logger log = LoggerFactory.getLogger(Coalescer.class);

  private final String name;
  private final Loader<K, V> loader;
  private final Supplier<Executor> turns;
  private final LongSupplier clockNs;
  private final Metrics.Stage queue;
  private final Limits limits;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final LinkedHashMap<K, Load<K, V>> waiting = new LinkedHashMap<>();

  @GuardedBy("lock")
  private final Map<K, Load<K, V>> flying = new HashMap<>();

  @GuardedBy("lock")
  private int flights;

  /** Whether a turn will end with a look at what waits. */
  @GuardedBy("lock")
  private boolean turning;

  @GuardedBy("lock")
  private int callers;

  @GuardedBy("lock")
  private long refused;

  @GuardedBy("lock")
  private long dropped;

  /**
   * @param name what it loads, for the message of a refusal
   * @param turns gives the turns of the calling thread: an executor that runs what it is given when
   *     the thread has done what is at hand; one that runs at once where it has no turns
   * @param clockNs monotonic nanoseconds, to tell how long a load in flight may still take
   * @param queue hears how long each key waited for its batch to leave
   */
  Coalescer(
      String name,
      Loader<K, V> loader,
      Supplier<Executor> turns,
      LongSupplier clockNs,
      Metrics.Stage queue,
      Limits limits) {
    this.name = name;
    this.loader = loader;
    this.turns = turns;
    this.clockNs = clockNs;
    this.queue = queue;
    this.limits = limits;
  }

  /**
   * Loads keys, which leave together, for a caller whose cancellation and deadline the context has.
   * Where not all of them find room, the first ones do.
   *
   * @param fresh whether the values must come from a load that leaves after this call
   * @param receiver hears of each at the key's place
   */
  void load(List<K> keys, Context context, boolean fresh, Receiver<V> receiver) {
    Executor turn = turns.get();
    int taken = 0;
    boolean last;
    synchronized (lock) {
      while (taken < keys.size() && callers < limits.maxCallers()) {
        enqueue(keys.get(taken), new Caller<>(context, turn, receiver, taken), fresh);
        taken++;
      }
      refused += keys.size() - taken;
      last = mustTurn();
    }
    if (last) {
      turn.execute(this::endTurn);
    }
    for (int index = taken; index < keys.size(); index++) {
      receiver.failed(index, new OverloadedException(name, limits.maxCallers()));
    }
  }

  /** Whether what waits could leave now, and no turn will see to it yet. */
  @GuardedBy("lock")
  private boolean mustTurn() {
    if (turning || waiting.isEmpty() || flights >= limits.maxFlights()) {
      return false;
    }
    turning = true;
    return true;
  }

  private void endTurn() {
    synchronized (lock) {
      turning = false;
    }
    dispatch();
  }

  @GuardedBy("lock")
  private void enqueue(K key, Caller<V> caller, boolean fresh) {
    callers++;
    Load<K, V> inFlight = fresh ? null : flying.get(key);
    if (inFlight != null && outlasts(inFlight, caller)) {
      inFlight.callers.add(caller);
    } else {
      Load<K, V> load = waiting.get(key);
      if (load == null) {
        load = new Load<>(key, clockNs.getAsLong());
        waiting.put(key, load);
      }
      load.callers.add(caller);
    }
  }

  /** Callers held now, waiting and in flight. */
  int callers() {
    synchronized (lock) {
      return callers;
    }
  }

  /** Callers turned away so far because too many were held. */
  long refused() {
    synchronized (lock) {
      return refused;
    }
  }

  /** Callers dropped so far because they had gone before their load left. */
  long dropped() {
    synchronized (lock) {
      return dropped;
    }
  }

  /**
   * Whether a load in flight leaves the caller at least half of the time it has: a load that was
   * begun for somebody in a hurry is not for everybody.
   */
  private boolean outlasts(Load<K, V> load, Caller<V> caller) {
    return load.endNs - clockNs.getAsLong() >= caller.remainingNs(limits.maxLoadNs()) / 2;
  }

  private void dispatch() {
    for (Batch<K, V> batch = take(); batch != null; batch = take()) {
      Batch<K, V> flight = batch;
      flight.dropped.forEach(caller -> caller.turn.execute(caller::drop));
      if (flight.loads.isEmpty()) {
        continue;
      }
      for (Load<K, V> load : flight.loads) {
        queue.recordNs(flight.leftNs - load.sinceNs);
      }
      CompletableFuture<List<V>> landing = start(flight);
      if (landing.isDone()) {
        // Landed before it left this thread: loop rather than recurse.
        land(flight);
        complete(flight, landing);
      } else {
        var _ =
            landing.whenComplete(
                (values, failure) -> {
                  // The next flight first: others work on it while this one's callers are told.
                  land(flight);
                  dispatch();
                  complete(flight, landing);
                });
      }
    }
  }

  /** The next batch, whose loads are in flight from now on; null where none may leave. */
  private @Nullable Batch<K, V> take() {
    synchronized (lock) {
      if (waiting.isEmpty() || flights >= limits.maxFlights()) {
        return null;
      }
      long nowNs = clockNs.getAsLong();
      Batch<K, V> batch = new Batch<>(nowNs);
      Iterator<Load<K, V>> next = waiting.values().iterator();
      while (next.hasNext() && batch.loads.size() < limits.maxBatch()) {
        Load<K, V> load = next.next();
        next.remove();
        batch.admit(load, limits.maxLoadNs());
      }
      callers -= batch.dropped.size();
      dropped += batch.dropped.size();
      if (!batch.loads.isEmpty()) {
        flights++;
        for (Load<K, V> load : batch.loads) {
          load.endNs = nowNs + batch.timeoutNs;
          flying.put(load.key, load);
        }
      }
      return batch;
    }
  }

  private CompletableFuture<List<V>> start(Batch<K, V> batch) {
    try {
      return loader.load(batch.keys(), batch.timeoutNs).toCompletableFuture();
    } catch (Throwable t) {
      return CompletableFuture.failedFuture(t);
    }
  }

  /** Ends a flight: no caller can join it any more, so its callers are this thread's. */
  private void land(Batch<K, V> batch) {
    synchronized (lock) {
      flights--;
      for (Load<K, V> load : batch.loads) {
        flying.remove(load.key, load);
        callers -= load.callers.size();
      }
    }
  }

  /** Completes all callers of a flight, those too that joined it on the way. */
  private void complete(Batch<K, V> batch, CompletableFuture<List<V>> landing) {
    Throwable failure = failureOf(batch, landing);
    List<V> values = failure == null ? landing.join() : List.of();
    for (Executor turn : batch.turns()) {
      turn.execute(() -> batch.complete(turn, values, failure));
    }
  }

  private @Nullable Throwable failureOf(Batch<K, V> batch, CompletableFuture<List<V>> landing) {
    if (landing.isCompletedExceptionally()) {
      return Stages.failureOf(landing);
    }
    int size = landing.join().size();
    return size == batch.loads.size()
        ? null
        : new IllegalStateException(
            name + ": " + size + " values (expected: " + batch.loads.size() + ")");
  }

  /** Loads a batch. */
  @FunctionalInterface
  interface Loader<K, V> {
    /**
     * Begins to load and returns at once.
     *
     * @param keys different from each other, at least one
     * @param timeoutNs how long the load may take: the longest that any caller waits
     * @return one value a key, in the keys' order; it must complete
     */
    CompletionStage<List<V>> load(List<K> keys, long timeoutNs);
  }

  /**
   * @param maxBatch keys a batch
   * @param maxFlights batches in flight
   * @param maxCallers callers held, waiting and in flight
   * @param maxLoadNs longest that a load may take, also for a caller without a deadline
   */
  record Limits(int maxBatch, int maxFlights, int maxCallers, long maxLoadNs) {}

  /** One key's load and who waits for it. Guarded by the lock until it has landed. */
  private static final class Load<K, V> {
    final K key;
    final long sinceNs;
    final List<Caller<V>> callers = new ArrayList<>(1);
    long endNs;

    Load(K key, long sinceNs) {
      this.key = key;
      this.sinceNs = sinceNs;
    }
  }

  private static final class Batch<K, V> {
    final List<Load<K, V>> loads = new ArrayList<>();
    final List<Caller<V>> dropped = new ArrayList<>(0);
    final long leftNs;
    long timeoutNs;

    Batch(long leftNs) {
      this.leftNs = leftNs;
    }

    void admit(Load<K, V> load, long maxLoadNs) {
      Iterator<Caller<V>> callers = load.callers.iterator();
      while (callers.hasNext()) {
        Caller<V> caller = callers.next();
        long remainingNs = caller.remainingNs(maxLoadNs);
        if (remainingNs <= 0 || caller.context.isCancelled()) {
          callers.remove();
          dropped.add(caller);
        } else {
          timeoutNs = Math.max(timeoutNs, remainingNs);
        }
      }
      if (!load.callers.isEmpty()) {
        loads.add(load);
      }
    }

    /** The turns of all who wait, each once. */
    List<Executor> turns() {
      List<Executor> turns = new ArrayList<>(2);
      for (Load<K, V> load : loads) {
        for (Caller<V> caller : load.callers) {
          if (!turns.contains(caller.turn)) {
            turns.add(caller.turn);
          }
        }
      }
      return turns;
    }

    /** Completes the callers whose turn it is. */
    void complete(Executor turn, List<V> values, @Nullable Throwable failure) {
      for (int i = 0; i < loads.size(); i++) {
        for (Caller<V> caller : loads.get(i).callers) {
          if (!caller.turn.equals(turn)) {
            continue;
          }
          if (failure != null) {
            caller.fail(failure);
          } else {
            caller.give(values.get(i));
          }
        }
      }
    }

    List<K> keys() {
      List<K> keys = new ArrayList<>(loads.size());
      for (Load<K, V> load : loads) {
        keys.add(load.key);
      }
      return keys;
    }
  }

  private record Caller<V>(Context context, Executor turn, Receiver<V> receiver, int index) {

    long remainingNs(long atMostNs) {
      Deadline deadline = context.getDeadline();
      return deadline == null
          ? atMostNs
          : Math.min(atMostNs, deadline.timeRemaining(TimeUnit.NANOSECONDS));
    }

    /** A receiver that cannot take its value hears of that, and the others get theirs. */
    void give(V value) {
      try {
        receiver.received(index, value);
      } catch (Throwable t) { // this caller's alone
        fail(t);
      }
    }

    void fail(Throwable failure) {
      try {
        receiver.failed(index, failure);
      } catch (Throwable t) {
        log.error("a caller could not be told of {}", failure, t);
      }
    }

    void drop() {
      Deadline deadline = context.getDeadline();
      boolean expired = deadline != null && deadline.isExpired();
      fail(
          expired
              ? new DeadlineException("the load had not begun")
              : new CancellationException("cancelled before the load had begun"));
    }
  }
}
