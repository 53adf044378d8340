package io.clientele.featurestore;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clientele.featurestore.v1.RecordEventsRequest;
import io.clientele.featurestore.v1.RecordEventsResponse;
import io.clientele.grpc.ErrorPolicy;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/**
 * One stream of batches: records a few at a time and answers them in the order in which they came.
 * It asks the caller for the next batch when one is answered and the caller takes answers.
 */
final class RecordEventsStream implements StreamObserver<RecordEventsRequest> {
  /** Enough to keep Redis busy while answers travel. */
  private static final int MAX_BATCHES_IN_FLIGHT = 4;

  private final ServerCallStreamObserver<RecordEventsResponse> call;
  private final Function<RecordEventsRequest, CompletableFuture<RecordEventsResponse>> recorder;

  @GuardedBy("this")
  private final ArrayDeque<CompletableFuture<RecordEventsResponse>> inFlight = new ArrayDeque<>();

  @GuardedBy("this")
  private int unrequested;

  @GuardedBy("this")
  private boolean halfClosed;

  @GuardedBy("this")
  private boolean ended;

  private RecordEventsStream(
      ServerCallStreamObserver<RecordEventsResponse> call,
      Function<RecordEventsRequest, CompletableFuture<RecordEventsResponse>> recorder) {
    this.call = call;
    this.recorder = recorder;
  }

  static RecordEventsStream open(
      ServerCallStreamObserver<RecordEventsResponse> call,
      Function<RecordEventsRequest, CompletableFuture<RecordEventsResponse>> recorder) {
    var stream = new RecordEventsStream(call, recorder);
    call.disableAutoRequest();
    call.setOnReadyHandler(stream::request);
    call.setOnCancelHandler(stream::end);
    call.request(MAX_BATCHES_IN_FLIGHT);
    return stream;
  }

  @Override
  public void onNext(RecordEventsRequest request) {
    CompletableFuture<RecordEventsResponse> answer;
    try {
      answer = recorder.apply(request);
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
