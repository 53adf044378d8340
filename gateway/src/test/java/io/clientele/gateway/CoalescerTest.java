package io.clientele.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.grpc.DeadlineException;
import io.clientele.grpc.OverloadedException;
import io.grpc.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CoalescerTest {
  private static final Duration MAX_LOAD = Duration.ofHours(10);

  private final TestingTicker ticker = new TestingTicker();
  private final TestingDeadlines deadlines = new TestingDeadlines(ticker);
  private final TestingFlights flights = new TestingFlights();
  private final List<Long> waitsNs = new ArrayList<>();
  private final Coalescer<String, String> coalescer = coalescer(3, 1, 100);

  private Coalescer<String, String> coalescer(int maxBatch, int maxFlights, int maxCallers) {
    return coalescer(maxBatch, maxFlights, maxCallers, () -> Runnable::run);
  }

  private Coalescer<String, String> coalescer(
      int maxBatch, int maxFlights, Supplier<Executor> turns) {
    return coalescer(maxBatch, maxFlights, 100, turns);
  }

  private Coalescer<String, String> coalescer(
      int maxBatch, int maxFlights, int maxCallers, Supplier<Executor> turns) {
    return new Coalescer<>(
        "queue",
        flights,
        turns,
        ticker::read,
        waitsNs::add,
        new Coalescer.Limits(maxBatch, maxFlights, maxCallers, MAX_LOAD.toNanos()));
  }

  @AfterEach
  void close() {
    deadlines.close();
  }

  private CompletableFuture<String> load(String key) {
    return TestingLoads.load(coalescer, key, Context.ROOT, false);
  }

  @Test
  void tellsHowLongEachKeyWaitedForItsBatchToLeave() {
    var _ = load("alice");
    ticker.advance(Duration.ofMillis(2));
    var _ = load("bob");
    ticker.advance(Duration.ofMillis(1));
    var _ = load("bob");
    var _ = load("carol");
    ticker.advance(Duration.ofMillis(4));

    flights.flight(0).land();

    assertThat(waitsNs).containsExactly(0L, 5_000_000L, 4_000_000L);
  }

  @Test
  void sendsALoneRequestAtOnce() {
    CompletableFuture<String> alice = load("alice");

    assertThat(flights.keys()).containsExactly(List.of("alice"));
    flights.flight(0).land();
    assertThat(alice).isCompletedWithValue("alice@0");
  }

  @Test
  void sendsWhatOneTurnBringsTogether() {
    var turn = new TestingTurn();
    Coalescer<String, String> turning = coalescer(3, 2, () -> turn);
    CompletableFuture<String> alice = TestingLoads.load(turning, "alice", Context.ROOT, false);
    CompletableFuture<String> bob = TestingLoads.load(turning, "bob", Context.ROOT, false);
    assertThat(flights.keys()).isEmpty();

    turn.end();

    assertThat(flights.keys()).containsExactly(List.of("alice", "bob"));
    flights.flight(0).land();
    assertThat(alice).isNotDone();
    turn.end();
    assertThat(alice).isCompletedWithValue("alice@0");
    assertThat(bob).isCompletedWithValue("bob@0");
  }

  @Test
  void answersEachCallerInATurnOfItsOwnThread() {
    var here = new TestingTurn();
    var there = new TestingTurn();
    var caller = new AtomicReference<>(here);
    Coalescer<String, String> turning = coalescer(3, 1, caller::get);
    CompletableFuture<String> alice = TestingLoads.load(turning, "alice", Context.ROOT, false);
    caller.set(there);
    CompletableFuture<String> bob = TestingLoads.load(turning, "bob", Context.ROOT, false);
    CompletableFuture<String> alsoAlice = TestingLoads.load(turning, "alice", Context.ROOT, false);
    here.end();
    flights.flight(0).land();

    there.end();
    assertThat(alice).isNotDone();
    assertThat(bob).isCompletedWithValue("bob@0");
    assertThat(alsoAlice).isCompletedWithValue("alice@0");

    here.end();
    assertThat(alice).isCompletedWithValue("alice@0");
  }

  @Test
  void asksForOneTurnHoweverManyLoadsItBrings() {
    var turn = new TestingTurn();
    Coalescer<String, String> turning = coalescer(3, 2, () -> turn);
    for (String key : List.of("alice", "bob", "carol", "dave")) {
      var _ = TestingLoads.load(turning, key, Context.ROOT, false);
    }

    assertThat(turn.waiting()).isEqualTo(1);
    turn.end();
    assertThat(flights.keys()).containsExactly(List.of("alice", "bob", "carol"), List.of("dave"));
    var _ =
        TestingLoads.load(
            turning, "erin", Context.ROOT, false); // both flights are out: a landing sees to it
    assertThat(turn.waiting()).isZero();
  }

  @Test
  void fillsTheNextBatchWhileOneIsInFlight() {
    var _ = load("alice");
    CompletableFuture<String> bob = load("bob");
    CompletableFuture<String> carol = load("carol");
    assertThat(flights.keys()).hasSize(1);

    flights.flight(0).land();

    assertThat(flights.keys()).containsExactly(List.of("alice"), List.of("bob", "carol"));
    flights.flight(1).land();
    assertThat(bob).isCompletedWithValue("bob@1");
    assertThat(carol).isCompletedWithValue("carol@1");
  }

  @Test
  void letsAGroupLeaveTogether() {
    var _ =
        TestingLoads.loadAll(
            coalescer, List.of("alice", "bob", "carol", "dave"), Context.ROOT, false);

    assertThat(flights.keys()).containsExactly(List.of("alice", "bob", "carol"));
    flights.flight(0).land();
    assertThat(flights.keys()).last().isEqualTo(List.of("dave"));
  }

  @Test
  void keepsToTheNumberOfFlights() {
    Coalescer<String, String> two = coalescer(1, 2, 100);

    var _ = TestingLoads.loadAll(two, List.of("alice", "bob", "carol"), Context.ROOT, false);

    assertThat(flights.keys()).containsExactly(List.of("alice"), List.of("bob"));
    flights.flight(1).land();
    assertThat(flights.keys()).last().isEqualTo(List.of("carol"));
  }

  @Test
  void sharesTheLoadInFlight() {
    CompletableFuture<String> first = load("alice");
    CompletableFuture<String> second = load("alice");

    flights.flight(0).land();

    assertThat(flights.keys()).hasSize(1);
    assertThat(first).isCompletedWithValue("alice@0");
    assertThat(second).isCompletedWithValue("alice@0");
  }

  @Test
  void loadsAgainForWhoWantsAFreshValueAndSharesThatLoadToo() {
    var _ = load("alice");
    CompletableFuture<String> fresh = TestingLoads.load(coalescer, "alice", Context.ROOT, true);
    CompletableFuture<String> fresher = TestingLoads.load(coalescer, "alice", Context.ROOT, true);

    flights.flight(0).land();
    flights.flight(1).land();

    assertThat(flights.keys()).containsExactly(List.of("alice"), List.of("alice"));
    assertThat(fresh).isCompletedWithValue("alice@1");
    assertThat(fresher).isCompletedWithValue("alice@1");
  }

  @Test
  void doesNotJoinALoadThatEndsLongBeforeTheCaller() {
    var _ = TestingLoads.load(coalescer, "alice", deadlines.in(Duration.ofHours(1)), false);
    CompletableFuture<String> patient = TestingLoads.load(coalescer, "alice", Context.ROOT, false);

    flights.flight(0).landing().completeExceptionally(new IllegalStateException("too late"));
    flights.flight(1).land();

    assertThat(patient).isCompletedWithValue("alice@1");
  }

  @Test
  void givesALoadTheLongestTimeThatACallerHas() {
    var _ = load("first");
    var _ = TestingLoads.load(coalescer, "alice", deadlines.in(Duration.ofHours(1)), false);
    var _ = TestingLoads.load(coalescer, "bob", deadlines.in(Duration.ofHours(3)), false);
    flights.flight(0).land();
    assertThat(flights.flight(1).timeoutNs()).isEqualTo(Duration.ofHours(3).toNanos());

    var _ = TestingLoads.load(coalescer, "carol", Context.ROOT, false);
    flights.flight(1).land();
    assertThat(flights.flight(2).timeoutNs()).isEqualTo(MAX_LOAD.toNanos());
  }

  @Test
  void dropsWhoIsGoneBeforeTheBatchLeaves() {
    var _ = load("first");
    Context.CancellableContext leaver = Context.ROOT.withCancellation();
    CompletableFuture<String> cancelled = TestingLoads.load(coalescer, "alice", leaver, false);
    CompletableFuture<String> expired =
        TestingLoads.load(coalescer, "bob", deadlines.in(Duration.ofHours(1)), false);
    CompletableFuture<String> sameKey = load("bob");
    leaver.cancel(null);
    ticker.advance(Duration.ofHours(2));

    flights.flight(0).land();

    assertThat(flights.keys()).last().isEqualTo(List.of("bob"));
    assertThat(cancelled).isCancelled();
    assertThat(expired.exceptionNow()).isInstanceOf(DeadlineException.class);
    flights.flight(1).land();
    assertThat(sameKey).isCompletedWithValue("bob@1");
    assertThat(coalescer.dropped()).isEqualTo(2);
    assertThat(coalescer.callers()).isZero();
  }

  @Test
  void sendsNothingWhereNobodyIsLeft() {
    var _ = load("first");
    Context.CancellableContext leaver = Context.ROOT.withCancellation();
    var _ = TestingLoads.load(coalescer, "alice", leaver, false);
    leaver.cancel(null);

    flights.flight(0).land();
    CompletableFuture<String> bob = load("bob");

    assertThat(flights.keys()).containsExactly(List.of("first"), List.of("bob"));
    flights.flight(1).land();
    assertThat(bob).isCompletedWithValue("bob@1");
  }

  @Test
  void refusesOneMoreThanItHolds() {
    Coalescer<String, String> small = coalescer(1, 1, 2);
    CompletableFuture<String> alice = TestingLoads.load(small, "alice", Context.ROOT, false);
    var _ = TestingLoads.load(small, "bob", Context.ROOT, false);

    CompletableFuture<String> carol = TestingLoads.load(small, "carol", Context.ROOT, false);

    assertThat(carol.exceptionNow())
        .isInstanceOf(OverloadedException.class)
        .hasMessage("queue is full (limit: 2)");
    assertThat(small.refused()).isEqualTo(1);
    flights.flight(0).land();
    assertThat(alice).isCompletedWithValue("alice@0");
    assertThat(TestingLoads.load(small, "carol", Context.ROOT, false)).isNotCompleted();
  }

  @Test
  void refusesThoseOfAGroupThatItHasNoRoomFor() {
    Coalescer<String, String> small = coalescer(3, 1, 2);

    List<CompletableFuture<String>> group =
        TestingLoads.loadAll(small, List.of("alice", "bob", "carol", "dave"), Context.ROOT, false);

    assertThat(flights.keys()).containsExactly(List.of("alice", "bob"));
    assertThat(group.get(2).exceptionNow()).hasMessage("queue is full (limit: 2)");
    assertThat(group.get(3).exceptionNow()).hasMessage("queue is full (limit: 2)");
    assertThat(small.refused()).isEqualTo(2);
    flights.flight(0).land();
    assertThat(group.get(0)).isCompletedWithValue("alice@0");
    assertThat(group.get(1)).isCompletedWithValue("bob@0");
    assertThat(small.callers()).isZero();
  }

  @Test
  void loadsNothingForAnEmptyGroup() {
    assertThat(TestingLoads.loadAll(coalescer, List.of(), Context.ROOT, false)).isEmpty();

    assertThat(flights.keys()).isEmpty();
    assertThat(coalescer.callers()).isZero();
  }

  @Test
  void tellsWhoCannotTakeItsValueOfThatAndTheOthersOfTheirs() {
    List<String> heard = new ArrayList<>();

    coalescer.load(
        List.of("alice", "bob", "carol"),
        Context.ROOT,
        false,
        new Receiver<>() {
          @Override
          public void received(int index, String value) {
            if (index == 1) {
              throw new AssertionError("cannot take " + value);
            }
            heard.add(index + " " + value);
          }

          @Override
          public void failed(int index, Throwable failure) {
            heard.add(index + " " + failure.getMessage());
          }
        });
    flights.flight(0).land();

    assertThat(heard).containsExactly("0 alice@0", "1 cannot take bob@0", "2 carol@0");
    assertThat(coalescer.callers()).isZero();
  }

  @Test
  void tellsTheOthersWhereACallerCannotEvenHearOfAFailure() {
    List<String> heard = new ArrayList<>();

    coalescer.load(
        List.of("alice", "bob", "carol"),
        Context.ROOT,
        false,
        new Receiver<>() {
          @Override
          public void received(int index, String value) {
            throw new AssertionError("no value is to come");
          }

          @Override
          public void failed(int index, Throwable failure) {
            heard.add(index + " " + failure.getMessage());
            if (index == 1) {
              throw new AssertionError("deaf");
            }
          }
        });
    CompletableFuture<String> joined = load("bob");
    CompletableFuture<String> next = load("dave");
    flights.flight(0).landing().completeExceptionally(new IllegalStateException("broken"));
    flights.flight(1).land();

    assertThat(heard).containsExactly("0 broken", "1 broken", "2 broken");
    assertThat(joined.exceptionNow()).hasMessage("broken");
    assertThat(next).isCompletedWithValue("dave@1");
  }

  @Test
  void completesEveryCallerWhenALoadFails() {
    CompletableFuture<String> alice = load("alice");
    CompletableFuture<String> joined = load("alice");

    flights.flight(0).landing().completeExceptionally(new IllegalStateException("broken"));

    assertThat(alice.exceptionNow()).hasMessage("broken");
    assertThat(joined.exceptionNow()).hasMessage("broken");
    assertThat(coalescer.callers()).isZero();
  }

  @Test
  void completesEveryCallerWhenALoaderThrowsOrReturnsTheWrongNumber() {
    Coalescer<String, String> throwing =
        new Coalescer<>(
            "queue",
            (keys, timeoutNs) -> {
              throw new AssertionError("thrown");
            },
            () -> Runnable::run,
            ticker::read,
            waitedNs -> {},
            new Coalescer.Limits(3, 1, 10, 1));
    Coalescer<String, String> short0 =
        new Coalescer<>(
            "queue",
            (keys, timeoutNs) -> CompletableFuture.completedFuture(List.of()),
            () -> Runnable::run,
            ticker::read,
            waitedNs -> {},
            new Coalescer.Limits(3, 1, 10, 1));

    assertThat(TestingLoads.load(throwing, "alice", Context.ROOT, false).exceptionNow())
        .hasMessage("thrown");
    assertThat(TestingLoads.load(throwing, "alice", Context.ROOT, false).exceptionNow())
        .hasMessage("thrown");
    assertThat(TestingLoads.load(short0, "alice", Context.ROOT, false).exceptionNow())
        .hasMessage("queue: 0 values (expected: 1)");
    assertThat(short0.callers()).isZero();
  }

  @Test
  void doesNotGrowTheStackWithLoadsThatLandAtOnce() {
    CompletableFuture<List<String>> gate = new CompletableFuture<>();
    Coalescer<String, String> one =
        new Coalescer<>(
            "queue",
            (keys, timeoutNs) ->
                keys.equals(List.of("gate")) ? gate : CompletableFuture.completedFuture(keys),
            () -> Runnable::run,
            ticker::read,
            waitedNs -> {},
            new Coalescer.Limits(1, 1, 100_000, 1));
    var _ = TestingLoads.load(one, "gate", Context.ROOT, false);
    List<CompletableFuture<String>> results = new ArrayList<>();
    for (int i = 0; i < 50_000; i++) {
      results.add(TestingLoads.load(one, "key" + i, Context.ROOT, false));
    }

    gate.complete(List.of("gate"));

    for (int i = 0; i < results.size(); i++) {
      assertThat(results.get(i).getNow("nothing")).isEqualTo("key" + i);
    }
  }
}
