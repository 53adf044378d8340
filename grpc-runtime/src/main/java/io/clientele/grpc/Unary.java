package io.clientele.grpc;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Answers a unary call exactly once, with a value or with the status that {@link ErrorPolicy}
 * gives.
 */
public final class Unary {
  private Unary() {}

  /** Answers when the result is there, on the thread that completes it. */
  public static <T> void complete(CompletionStage<T> result, StreamObserver<T> observer) {
    var _ =
        result.whenComplete(
            (value, failure) -> {
              if (failure != null) {
                observer.onError(ErrorPolicy.toStatus(failure));
              } else {
                observer.onNext(value);
                observer.onCompleted();
              }
            });
  }

  /** Answers at once, with what the call returns or throws. */
  public static <T> void answer(Supplier<T> call, StreamObserver<T> observer) {
    T value;
    try {
      value = call.get();
    } catch (RuntimeException e) {
      observer.onError(ErrorPolicy.toStatus(e));
      return;
    }
    observer.onNext(value);
    observer.onCompleted();
  }
}
