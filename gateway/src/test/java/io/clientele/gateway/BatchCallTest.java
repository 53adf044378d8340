package io.clientele.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.gateway.v1.CustomerStatus;
import io.clientele.gateway.v1.Outcome;
import io.clientele.gateway.v1.ScoreBatchRequest;
import io.clientele.gateway.v1.ScoreBatchResponse;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.OverloadedException;
import io.grpc.Status;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BatchCallTest {
  private static final Answer ANSWER =
      new Answer.Population(
          Models.of(List.of(TestingScorer.CHURN), null), CustomerStatus.UNKNOWN, 0, null, null);

  private final Metrics metrics = Metrics.start(null);
  private final GatewayMetrics counts = new GatewayMetrics(metrics);

  @AfterEach
  void close() {
    metrics.close();
  }

  private BatchCall call(Set<String> asked, String... customers) {
    ScoreBatchRequest request =
        ScoreBatchRequest.newBuilder()
            .setSequence(99)
            .addAllCustomerIds(List.of(customers))
            .build();
    return new BatchCall(request, asked, counts);
  }

  @Test
  void endsWithTheLastOutcomeWhateverTheirOrder() {
    BatchCall call = call(Set.of(), "alice", "bob", "carol");
    CompletableFuture<ScoreBatchResponse> response = call.response().toCompletableFuture();

    call.received(2, ANSWER);
    call.failed(1, new OverloadedException("queue", 10));
    assertThat(response).isNotDone();
    call.received(0, ANSWER);

    assertThat(response.join().getSequence()).isEqualTo(99);
    List<Outcome> outcomes = response.join().getOutcomesList();
    assertThat(outcomes.get(0).getScores().getCustomerId()).isEqualTo("alice");
    assertThat(outcomes.get(1).getError().getMessage()).isEqualTo("queue is full (limit: 10)");
    assertThat(outcomes.get(2).getScores().getCustomerId()).isEqualTo("carol");
  }

  @Test
  void endsThoughAnOutcomeCannotBeEncoded() {
    BatchCall call = call(new Broken(), "alice");

    call.received(0, ANSWER);

    assertThat(call.response().toCompletableFuture())
        .isCompletedWithValueMatching(
            response ->
                response.getOutcomes(0).getError().getCode() == Status.Code.INTERNAL.value());
  }

  /** Names that cannot be looked at. */
  private static final class Broken extends AbstractSet<String> {
    @Override
    public Iterator<String> iterator() {
      throw new AssertionError("broken");
    }

    @Override
    public int size() {
      return 1;
    }
  }
}
