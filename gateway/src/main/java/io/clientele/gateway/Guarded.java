package io.clientele.gateway;

import io.clientele.grpc.ErrorPolicy;
import io.clientele.grpc.UnavailableException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.grpc.Deadline;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks through a circuit breaker: while it is open the answer is an {@link UnavailableException} at
 * once. A refusal of the question, such as INVALID_ARGUMENT, shows that the dependency lives and
 * counts as a success. A call that a caller's short deadline ended counts for nothing.
 */
final class Guarded<Q, R> implements Dependency<Q, R> {
  private final Dependency<Q, R> next;
  private final CircuitBreaker breaker;
  private final long patienceNs;

  Guarded(Dependency<Q, R> next, CircuitBreaker breaker, Duration patience) {
    this.next = next;
    this.breaker = breaker;
    this.patienceNs = patience.toNanos();
  }

  @Override
  public CompletionStage<R> ask(Q question, Deadline deadline) {
    if (!breaker.tryAcquirePermission()) {
      return CompletableFuture.failedFuture(
          new UnavailableException(
              breaker.getName(), new IllegalStateException("its circuit breaker is open")));
    }
    long startNs = System.nanoTime();
    CompletionStage<R> answer;
    try {
      answer = next.ask(question, deadline);
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedFuture(e);
    }
    return answer.whenComplete((value, failure) -> record(failure, System.nanoTime() - startNs));
  }

  private void record(@Nullable Throwable failure, long elapsedNs) {
    if (failure == null || ErrorPolicy.isCallersFault(failure)) {
      breaker.onSuccess(elapsedNs, TimeUnit.NANOSECONDS);
    } else if (elapsedNs < patienceNs && isTimeout(failure)) {
      breaker.releasePermission();
    } else {
      breaker.onError(elapsedNs, TimeUnit.NANOSECONDS, failure);
    }
  }

  private static boolean isTimeout(Throwable failure) {
    return Status.fromThrowable(failure).getCode() == Status.Code.DEADLINE_EXCEEDED;
  }
}
