package io.clientele.gateway;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** What {@link CompletionStage} has no word for. */
final class Stages {
  private Stages() {}

  /** Goes on with another stage, after an answer and after a failure. */
  static <A, B> CompletionStage<B> then(
      CompletionStage<A> stage,
      Function<A, CompletionStage<B>> onAnswer,
      Function<Throwable, CompletionStage<B>> onFailure) {
    return stage
        .handle(
            (answer, failure) ->
                failure == null ? onAnswer.apply(answer) : onFailure.apply(causeOf(failure)))
        .thenCompose(Function.identity());
  }

  /** The failure itself, without what the stages wrapped it in. */
  static Throwable causeOf(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /** Why a future that completed exceptionally did so. */
  static Throwable failureOf(CompletableFuture<?> failed) {
    return failed.isCancelled() ? new CancellationException("cancelled") : failed.exceptionNow();
  }
}
