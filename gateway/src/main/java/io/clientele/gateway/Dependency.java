package io.clientele.gateway;

import io.grpc.Deadline;
import java.util.concurrent.CompletionStage;

/** A service that this one asks. Breaker and metrics are decorators of it. Thread-safe. */
@FunctionalInterface
interface Dependency<Q, R> {
  /** Asks and returns at once. The answer, or the failure, is there by the deadline. */
  CompletionStage<R> ask(Q question, Deadline deadline);
}
