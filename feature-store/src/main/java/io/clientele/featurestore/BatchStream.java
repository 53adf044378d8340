package io.clientele.featurestore;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clientele.grpc.ErrorPolicy;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/**
 * One stream of batches: works off a few at a time and answers them in the order in which they
 * came. It asks the caller for the next batch when one is answered and the caller takes answers.
 */
final class BatchStream<Q, A> implements StreamObserver<Q> {
  /** Enough to keep Redis busy while answers travel. */
  private static final int MAX_BATCHES_IN_FLIGHT = 4;

  private final ServerCallStreamObserver<A> call;
  private final Function<Q, CompletableFuture<A>> work;

  @GuardedBy("this")
  private final ArrayDeque<CompletableFuture<A>> inFlight = new ArrayDeque<>();

  @GuardedBy("this")
  private int unrequested;

  @GuardedBy("this")
  private boolean halfClosed;

  @GuardedBy("this")
  private boolean ended;

  private BatchStream(ServerCallStreamObserver<A> call, Function<Q, CompletableFuture<A>> work) {
    this.call = call;
    this.work = work;
  }

  static <Q, A> BatchStream<Q, A> open(
      ServerCallStreamObserver<A> call, Function<Q, CompletableFuture<A>> work) {
    var stream = new BatchStream<>(call, work);
    call.disableAutoRequest();
    call.setOnReadyHandler(stream::request);
    call.setOnCancelHandler(stream::end);
    call.request(MAX_BATCHES_IN_FLIGHT);
    return stream;
  }

  @Override
  public void onNext(Q request) {
    CompletableFuture<A> answer;
    try {
      answer = work.apply(request);
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedFuture(e);
    }
    synchronized (this) {
      inFlight.add(answer);
    }
    var _ = answer.whenComplete((response, failure) -> drain());
  }

  @Override
  public void onError(Throwable failure) {
    end();
  }

  @Override
  public synchronized void onCompleted() {
    halfClosed = true;
    drain();
  }

  private synchronized void end() {
    ended = true;
    inFlight.clear();
  }

  /** Answers what is done, up to the first batch that is not. */
  private synchronized void drain() {
    while (!ended && !inFlight.isEmpty() && inFlight.peek().isDone()) {
      try {
        call.onNext(inFlight.remove().join());
      } catch (CompletionException e) {
        end();
        call.onError(ErrorPolicy.toStatus(e));
        return;
      }
      unrequested++;
    }
    request();
    if (halfClosed && inFlight.isEmpty() && !ended) {
      end();
      call.onCompleted();
    }
  }

  private synchronized void request() {
    if (!ended && unrequested > 0 && call.isReady()) {
      int count = unrequested;
      unrequested = 0;
      call.request(count);
    }
  }
}
