package io.clientele.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.gateway.v1.GatewayGrpc;
import io.clientele.gateway.v1.Outcome;
import io.clientele.gateway.v1.ScoreBatchRequest;
import io.clientele.gateway.v1.ScoreBatchResponse;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScoreStreamTest {
  private static final int WINDOW = 3;

  private final TestingPlatform platform =
      TestingPlatform.start(
          settings ->
              TestingPlatform.withLanes(
                  settings, settings.interactive(), new LaneSettings(1, 100, 1_000), WINDOW));

  @AfterEach
  void close() {
    platform.close();
  }

  /** A caller that reads answers only as it asks for them. */
  private static final class Caller
      implements ClientResponseObserver<ScoreBatchRequest, ScoreBatchResponse> {
    final BlockingQueue<ScoreBatchResponse> answers = new LinkedBlockingQueue<>();
    final CompletableFuture<Void> end = new CompletableFuture<>();
    private @Nullable ClientCallStreamObserver<ScoreBatchRequest> requests;

    @Override
    public void beforeStart(ClientCallStreamObserver<ScoreBatchRequest> stream) {
      requests = stream;
      stream.disableAutoRequestWithInitial(0);
    }

    ClientCallStreamObserver<ScoreBatchRequest> requests() {
      ClientCallStreamObserver<ScoreBatchRequest> stream = requests;
      if (stream == null) {
        throw new AssertionError("not started");
      }
      return stream;
    }

    void send(long sequence, String... customers) {
      requests()
          .onNext(
              ScoreBatchRequest.newBuilder()
                  .setSequence(sequence)
                  .addAllCustomerIds(List.of(customers))
                  .build());
    }

    @Override
    public void onNext(ScoreBatchResponse answer) {
      answers.add(answer);
    }

    @Override
    public void onError(Throwable failure) {
      end.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      end.complete(null);
    }

    Status failure() throws InterruptedException {
      try {
        end.get();
        throw new AssertionError("the stream ended well");
      } catch (ExecutionException e) {
        return Status.fromThrowable(e);
      }
    }
  }

  private Caller open() {
    Caller caller = new Caller();
    var _ = GatewayGrpc.newStub(platform.channel).scoreStream(caller);
    return caller;
  }

  @Test
  void answersEachBatchOnceInTheOrderSentAndEndsWithTheCaller() throws Exception {
    for (int i = 0; i < 100; i++) {
      platform.store.put("customer-" + i, i, 1);
    }
    Caller caller = open();
    caller.requests().request(Integer.MAX_VALUE);
    for (int i = 0; i < 100; i++) {
      caller.send(1_000 + i, "customer-" + i, "nobody");
    }
    caller.requests().onCompleted();

    caller.end.get();

    assertThat(caller.answers)
        .extracting(ScoreBatchResponse::getSequence)
        .containsExactlyElementsOf(LongStream.range(1_000, 1_100).boxed().toList());
    assertThat(caller.answers)
        .extracting(answer -> (int) answer.getOutcomes(0).getScores().getValue().getExpectedSpend())
        .containsExactlyElementsOf(IntStream.range(0, 100).map(i -> 2 * i).boxed().toList());
    assertThat(caller.answers).allMatch(answer -> answer.getOutcomesCount() == 2);
  }

  @Test
  void worksOnNoMoreBatchesThanTheWindow() throws Exception {
    platform.store.reads.hang();
    Caller caller = open();
    caller.requests().request(Integer.MAX_VALUE);
    for (int i = 0; i < 10; i++) {
      caller.send(i, "customer-" + i);
    }
    caller.requests().onCompleted();
    platform.store.reads.awaitHeld(WINDOW);
    // Batches that the stream might have taken came before this on the same connection.
    platform.awaitServing();
    int taken = platform.store.reads.heldCalls();
    platform.store.reads.heal();

    caller.end.get();

    assertThat(taken).isEqualTo(WINDOW);
    assertThat(caller.answers).hasSize(10);
  }

  @Test
  void endsWithTheStatusOfABadBatchAfterTheAnswersBeforeIt() throws Exception {
    Caller caller = open();
    caller.requests().request(Integer.MAX_VALUE);
    caller.send(1, "alice");
    caller.send(2);
    caller.send(3, "bob");

    Status status = caller.failure();

    assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(status.getDescription()).contains("count: 0 (expected: 1..1000)");
    assertThat(caller.answers).extracting(ScoreBatchResponse::getSequence).containsExactly(1L);
  }

  @Test
  void goesOnAfterABadId() throws Exception {
    Caller caller = open();
    caller.requests().request(Integer.MAX_VALUE);
    caller.send(1, "", "alice");
    caller.send(2, "bob");
    caller.requests().onCompleted();

    caller.end.get();

    assertThat(caller.answers.take().getOutcomesList())
        .extracting(Outcome::hasError)
        .containsExactly(true, false);
    assertThat(caller.answers.take().getSequence()).isEqualTo(2);
  }

  @Test
  void endsAtOnceWhereTheCallerSendsNothing() throws Exception {
    Caller caller = open();
    caller.requests().onCompleted();

    caller.end.get();

    assertThat(caller.answers).isEmpty();
  }

  @Test
  void stopsWorkingForACallerWhoCancelled() throws Exception {
    platform.store.reads.hang();
    Caller caller = open();
    caller.requests().request(Integer.MAX_VALUE);
    caller.send(1, "alice");
    platform.store.reads.awaitHeld(1);

    caller.requests().cancel("enough", null);
    platform.store.reads.heal();

    assertThat(caller.failure().getCode()).isEqualTo(Status.Code.CANCELLED);
    platform.awaitBulkIdle();
    assertThat(caller.answers).isEmpty();
    assertThat(platform.score("alice").getCustomerId()).isEqualTo("alice");
  }
}
