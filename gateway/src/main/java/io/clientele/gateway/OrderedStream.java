package io.clientele.gateway;

import io.clientele.grpc.ErrorPolicy;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A bidirectional stream that answers each request once, in the order in which they came. At most
 * {@code window} requests are taken and not answered; the next is asked for when an answer has
 * left, and answers leave only while the caller reads. A request that fails ends the stream with
 * its status, after the answers before it.
 *
 * <p>Requests come one at a time; answers may be completed on any thread. Whoever finds work drains
 * it, one thread at a time.
 */
final class OrderedStream<Q, R> implements StreamObserver<Q> {
  private final ServerCallStreamObserver<R> observer;
  private final Function<Q, CompletionStage<R>> answerer;
  private final Queue<CompletableFuture<R>> answers = new ConcurrentLinkedQueue<>();
  private final AtomicInteger signals = new AtomicInteger();
  private volatile boolean halfClosed;
  private volatile boolean cancelled;

  /** Written by the draining thread only. */
  private boolean ended;

  /** To be made while the call starts, in {@code observer}'s own call. */
  OrderedStream(
      ServerCallStreamObserver<R> observer, Function<Q, CompletionStage<R>> answerer, int window) {
    this.observer = observer;
    this.answerer = answerer;
    observer.disableAutoRequest();
    observer.setOnReadyHandler(this::drain);
    observer.setOnCancelHandler(this::cancel);
    observer.request(window);
  }

  @Override
  public void onNext(Q request) {
    CompletableFuture<R> answer;
    try {
      answer = answerer.apply(request).toCompletableFuture();
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedFuture(e);
    }
    answers.add(answer);
    var _ = answer.whenComplete((value, failure) -> drain());
  }

  @Override
  public void onError(Throwable failure) {
    cancel();
  }

  @Override
  public void onCompleted() {
    halfClosed = true;
    drain();
  }

  /** Work in flight ends by itself: it hears of the cancellation through its context. */
  private void cancel() {
    cancelled = true;
    answers.clear();
  }

  private void drain() {
    if (signals.getAndIncrement() != 0) {
      return;
    }
    int seen;
    do {
      seen = signals.get();
      sendWhatIsReady();
    } while (!signals.compareAndSet(seen, 0));
  }

  private void sendWhatIsReady() {
    while (!ended && !cancelled && observer.isReady()) {
      CompletableFuture<R> next = answers.peek();
      if (next == null || !next.isDone()) {
        break;
      }
      answers.poll();
      if (next.isCompletedExceptionally()) {
        ended = true;
        answers.clear();
        observer.onError(ErrorPolicy.toStatus(Stages.failureOf(next)));
        return;
      }
      observer.onNext(next.join());
      observer.request(1);
    }
    if (!ended && !cancelled && halfClosed && answers.isEmpty()) {
      ended = true;
      observer.onCompleted();
    }
  }
}
