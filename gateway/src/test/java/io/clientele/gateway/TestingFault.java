package io.clientele.gateway;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What is wrong with a testing service at the moment. Thread-safe. */
final class TestingFault {
  private final List<Runnable> held = new ArrayList<>();
  private @Nullable Status failure;
  private boolean holds;
  private @Nullable Supplier<Fate> fates;

  /** What becomes of one call. */
  enum Fate {
    ANSWERED,
    ANSWERED_ON_ANOTHER_THREAD,
    FAILED
  }

  synchronized void fail(Status status) {
    failure = status;
    holds = false;
  }

  /** Calls do not end before {@link #heal}. */
  synchronized void hang() {
    failure = null;
    holds = true;
  }

  /** Each call has a fate of its own, until {@link #heal}. */
  synchronized void vary(Supplier<Fate> each) {
    fates = each;
  }

  /** All is well again; calls that were held are answered. */
  void heal() {
    List<Runnable> released;
    synchronized (this) {
      failure = null;
      holds = false;
      fates = null;
      released = List.copyOf(held);
      held.clear();
    }
    released.forEach(Runnable::run);
  }

  synchronized int heldCalls() {
    return held.size();
  }

  /** Answers, refuses or holds a call. */
  void answer(StreamObserver<?> observer, Runnable answer) {
    Status status;
    Fate fate;
    synchronized (this) {
      if (holds) {
        held.add(answer);
        notifyAll();
        return;
      }
      status = failure;
      fate = fates == null ? Fate.ANSWERED : fates.get();
    }
    if (status != null) {
      observer.onError(status.asRuntimeException());
      return;
    }
    switch (fate) {
      case ANSWERED -> answer.run();
      case ANSWERED_ON_ANOTHER_THREAD -> Thread.startVirtualThread(answer);
      case FAILED -> observer.onError(Status.UNAVAILABLE.asRuntimeException());
    }
  }

  /** Waits until this many calls are held. */
  synchronized void awaitHeld(int calls) throws InterruptedException {
    while (held.size() < calls) {
      wait();
    }
  }
}
