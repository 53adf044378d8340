package io.clientele.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.gateway.v1.GatewayGrpc;
import io.clientele.gateway.v1.ScoreBatchRequest;
import io.clientele.gateway.v1.ScoreBatchResponse;
import io.clientele.gateway.v1.ScoreRequest;
import io.clientele.gateway.v1.ScoreResponse;
import io.clientele.grpc.Settings;
import io.clientele.grpc.SettingsProblems;
import io.clientele.scorer.v1.InferRequest;
import io.grpc.stub.BlockingClientCall;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A stream asks a gateway with the usual settings for as much as it gets. Of that, one batch stands
 * before a Score call, wherever it is: at the feature store or at the scorer. All else waits in the
 * gateway, in a queue of its own.
 */
class FairnessTest {
  private static final int MESSAGES = 3;
  private static final int CUSTOMERS = 1_000;
  private static final int BATCH = 256;

  private final TestingPlatform platform =
      TestingPlatform.start(
          settings ->
              TestingPlatform.withLanes(
                  settings, usual().interactive(), usual().bulk(), usual().streamWindow()));

  private static GatewaySettings usual() {
    SettingsProblems problems = new SettingsProblems();
    return Settings.parse(new GatewayOptions(), "gateway", Map.of(), problems).settings(problems);
  }

  @AfterEach
  void close() {
    platform.close();
  }

  @Test
  void hasOneBatchOfAStreamBeforeAScoreAtTheFeatureStore() throws Exception {
    platform.store.put("alice", 400, 7);
    platform.store.reads.hang();
    BlockingClientCall<ScoreBatchRequest, ScoreBatchResponse> stream = stream();

    ListenableFuture<ScoreResponse> alice = score("alice");
    platform.store.reads.awaitHeld(2);

    assertThat(platform.store.requests)
        .map(GetFeaturesRequest::getCustomerIdsCount)
        .containsExactly(BATCH, 1);
    platform.store.reads.heal();
    assertThat(alice.get().getScores().getFeatureVersion()).isEqualTo(7);
    requireAll(stream);
  }

  @Test
  void hasOneBatchOfAStreamBeforeAScoreAtTheScorer() throws Exception {
    platform.store.put("alice", 400, 7);
    platform.store.put("customer-0", 100, 1); // or there would be nothing to run
    platform.scorer.infers.hang();
    BlockingClientCall<ScoreBatchRequest, ScoreBatchResponse> stream = stream();
    platform.scorer.infers.awaitHeld(1);

    ListenableFuture<ScoreResponse> alice = score("alice");
    platform.scorer.infers.awaitHeld(2);

    assertThat(platform.store.requests)
        .map(GetFeaturesRequest::getCustomerIdsCount)
        .containsExactly(BATCH, 1);
    assertThat(platform.scorer.requests).map(InferRequest::getRows).containsExactly(BATCH, 1);
    platform.scorer.infers.heal();
    assertThat(alice.get().getScores().getFeatureVersion()).isEqualTo(7);
    requireAll(stream);
  }

  /** More than one batch, all of it taken by the gateway. */
  private BlockingClientCall<ScoreBatchRequest, ScoreBatchResponse> stream() throws Exception {
    var stream = GatewayGrpc.newBlockingV2Stub(platform.channel).scoreStream();
    for (int message = 0; message < MESSAGES; message++) {
      int first = message * CUSTOMERS;
      stream.write(
          ScoreBatchRequest.newBuilder()
              .addAllCustomerIds(
                  IntStream.range(first, first + CUSTOMERS).mapToObj(i -> "customer-" + i).toList())
              .build());
    }
    platform.awaitBulkCallers(MESSAGES * CUSTOMERS);
    return stream;
  }

  private ListenableFuture<ScoreResponse> score(String customer) {
    return GatewayGrpc.newFutureStub(platform.channel)
        .score(ScoreRequest.newBuilder().setCustomerId(customer).build());
  }

  private static void requireAll(BlockingClientCall<ScoreBatchRequest, ScoreBatchResponse> stream)
      throws Exception {
    stream.halfClose();
    for (int message = 0; message < MESSAGES; message++) {
      assertThat(stream.read().getOutcomesCount()).isEqualTo(CUSTOMERS);
    }
  }
}
