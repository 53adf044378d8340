package io.clientele.gateway;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is wrong with a testing service at the moment. Thread-safe. */
final class TestingFault {
  private final List<Runnable> held = new ArrayList<>();
  private @Nullable Status failure;
  private boolean holds;

  synchronized void fail(Status status) {
    failure = status;
    holds = false;
  }

  /** Calls do not end before {@link #heal}. */
  synchronized void hang() {
    failure = null;
    holds = true;
  }

  /** All is well again; calls that were held are answered. */
  void heal() {
    List<Runnable> released;
    synchronized (this) {
      failure = null;
      holds = false;
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
    synchronized (this) {
      if (holds) {
        held.add(answer);
        notifyAll();
        return;
      }
      status = failure;
    }
    if (status == null) {
      answer.run();
    } else {
      observer.onError(status.asRuntimeException());
    }
  }

  /** Waits until this many calls are held. */
  synchronized void awaitHeld(int calls) throws InterruptedException {
    while (held.size() < calls) {
      wait();
    }
  }
}
