package io.clientele.gateway;

import io.clientele.gateway.v1.Outcome;
import io.clientele.gateway.v1.ScoreBatchRequest;
import io.clientele.gateway.v1.ScoreBatchResponse;
import io.clientele.grpc.ErrorPolicy;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One batch on its way: each customer's outcome is encoded as it comes, and the last one ends the
 * call. Thread-safe.
 */
final class BatchCall implements Receiver<Answer> {
  private final ScoreBatchRequest request;
  private final Set<String> asked;
  private final GatewayMetrics metrics;
  private final Outcome[] outcomes;
  private final AtomicInteger open;
  private final CompletableFuture<Void> all = new CompletableFuture<>();

  /**
   * @param request of at least one customer
   * @param asked names of models, empty for all
   */
  BatchCall(ScoreBatchRequest request, Set<String> asked, GatewayMetrics metrics) {
    this.request = request;
    this.asked = asked;
    this.metrics = metrics;
    outcomes = new Outcome[request.getCustomerIdsCount()];
    open = new AtomicInteger(outcomes.length);
  }

  @Override
  public void received(int index, Answer answer) {
    Outcome outcome;
    try {
      outcome =
          Outcome.newBuilder()
              .setScores(answer.toScores(request.getCustomerIds(index), asked))
              .build();
      metrics.count(answer.provenance());
    } catch (Throwable t) { // a customer without an outcome would keep the call from its end
      failed(index, t);
      return;
    }
    place(index, outcome);
  }

  @Override
  public void failed(int index, Throwable failure) {
    place(index, Outcome.newBuilder().setError(ErrorPolicy.toRpcStatus(failure)).build());
  }

  private void place(int index, Outcome outcome) {
    outcomes[index] = outcome;
    if (open.decrementAndGet() == 0) {
      all.complete(null);
    }
  }

  /** Ends when every customer has an outcome. */
  CompletionStage<ScoreBatchResponse> response() {
    return all.thenApply(
        done ->
            ScoreBatchResponse.newBuilder()
                .setSequence(request.getSequence())
                .addAllOutcomes(Arrays.asList(outcomes))
                .build());
  }
}
