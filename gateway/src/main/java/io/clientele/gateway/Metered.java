package io.clientele.gateway;

import io.clientele.grpc.Metrics;
import io.grpc.Deadline;
import java.util.concurrent.CompletionStage;

/** Records how long each answer took, failures too. */
final class Metered<Q, R> implements Dependency<Q, R> {
  private final Dependency<Q, R> next;
  private final Metrics.Stage stage;

  Metered(Dependency<Q, R> next, Metrics.Stage stage) {
    this.next = next;
    this.stage = stage;
  }

  @Override
  public CompletionStage<R> ask(Q question, Deadline deadline) {
    long startNs = System.nanoTime();
    return next.ask(question, deadline)
        .whenComplete((answer, failure) -> stage.recordNs(System.nanoTime() - startNs));
  }
}
