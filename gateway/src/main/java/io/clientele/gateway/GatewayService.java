package io.clientele.gateway;

import io.clientele.gateway.v1.GatewayGrpc;
import io.clientele.gateway.v1.ScoreBatchRequest;
import io.clientele.gateway.v1.ScoreBatchResponse;
import io.clientele.gateway.v1.ScoreRequest;
import io.clientele.gateway.v1.ScoreResponse;
import io.clientele.gateway.v1.Scores;
import io.clientele.grpc.Unary;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * The gateway's RPCs: each decodes, asks {@link Scoring}, encodes. Single calls and bulk calls have
 * a scoring each, so that a backfill does not stand before a page view. Never blocks.
 */
final class GatewayService extends GatewayGrpc.GatewayImplBase {
  private final ModelDirectory directory;
  private final Scoring single;
  private final Scoring bulk;
  private final GatewayMetrics metrics;
  private final int streamWindow;

  /**
   * @param streamWindow batches of a stream that are worked on at a time
   */
  GatewayService(
      ModelDirectory directory,
      Scoring single,
      Scoring bulk,
      GatewayMetrics metrics,
      int streamWindow) {
    this.directory = directory;
    this.single = single;
    this.bulk = bulk;
    this.metrics = metrics;
    this.streamWindow = streamWindow;
  }

  @Override
  public void score(ScoreRequest request, StreamObserver<ScoreResponse> observer) {
    long startNs = System.nanoTime();
    Context context = Context.current();
    Unary.complete(
        withModels(models -> score(request, models, context))
            .whenComplete(
                (response, failure) -> metrics.total().recordNs(System.nanoTime() - startNs)),
        observer);
  }

  /**
   * Asks what is known of models, which is nearly always there, and waits for it where it is not.
   */
  private <R> CompletionStage<R> withModels(Function<Models, CompletionStage<R>> call) {
    Models models = directory.current();
    if (models == null) {
      return directory.known().thenCompose(call);
    }
    try {
      return call.apply(models);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletionStage<ScoreResponse> score(
      ScoreRequest request, Models models, Context context) {
    String customer = request.getCustomerId();
    if (!ScoreQuery.isId(customer)) {
      throw ScoreQuery.badId("customer_id", customer);
    }
    Set<String> asked = models.select(request.getModelsList());
    ScoreQuery query =
        new ScoreQuery(
            ScoreQuery.maxAgeNs(request.hasMaxAge() ? request.getMaxAge() : null),
            request.getMinFeatureVersion());
    return single
        .score(customer, query, models, context)
        .thenApply(
            answer ->
                ScoreResponse.newBuilder().setScores(encode(customer, answer, asked)).build());
  }

  @Override
  public void scoreBatch(ScoreBatchRequest request, StreamObserver<ScoreBatchResponse> observer) {
    long startNs = System.nanoTime();
    Unary.complete(
        scoreBatch(request)
            .whenComplete(
                (response, failure) -> metrics.total().recordNs(System.nanoTime() - startNs)),
        observer);
  }

  @Override
  public StreamObserver<ScoreBatchRequest> scoreStream(
      StreamObserver<ScoreBatchResponse> observer) {
    return new OrderedStream<>(
        (ServerCallStreamObserver<ScoreBatchResponse>) observer, this::scoreBatch, streamWindow);
  }

  private CompletionStage<ScoreBatchResponse> scoreBatch(ScoreBatchRequest request) {
    Context context = Context.current();
    return withModels(models -> scoreBatch(request, models, context));
  }

  private CompletionStage<ScoreBatchResponse> scoreBatch(
      ScoreBatchRequest request, Models models, Context context) {
    ScoreQuery.checkCount(request.getCustomerIdsCount());
    Set<String> asked = models.select(request.getModelsList());
    ScoreQuery query =
        new ScoreQuery(ScoreQuery.maxAgeNs(request.hasMaxAge() ? request.getMaxAge() : null), 0);
    BatchCall call = new BatchCall(request, asked, metrics);
    bulk.scoreAll(request.getCustomerIdsList(), query, models, context, call);
    return call.response();
  }

  private Scores encode(String customer, Answer answer, Set<String> asked) {
    metrics.count(answer.provenance());
    return answer.toScores(customer, asked);
  }
}
