package io.clientele.gateway;

import io.clientele.gateway.v1.GatewayGrpc;
import io.clientele.gateway.v1.ScoreBatchRequest;
import io.clientele.gateway.v1.ScoreBatchResponse;
import io.clientele.gateway.v1.ScoreRequest;
import io.clientele.gateway.v1.ScoreResponse;
import io.clientele.grpc.ErrorPolicy;
import io.clientele.grpc.Unary;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

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
    Context context = Context.current();
    var caller = (ServerCallStreamObserver<ScoreResponse>) observer;
    caller.setOnCancelHandler(() -> {}); // what is answered to a caller who has gone is dropped
    Models models = directory.current();
    if (models != null) {
      score(request, models, context, caller);
      return;
    }
    var _ =
        directory
            .known()
            .whenComplete(
                (known, failure) -> {
                  if (failure == null) {
                    score(request, known, context, caller);
                  } else {
                    caller.onError(ErrorPolicy.toStatus(failure));
                  }
                });
  }

  private void score(
      ScoreRequest request,
      Models models,
      Context context,
      ServerCallStreamObserver<ScoreResponse> caller) {
    try {
      String customer = request.getCustomerId();
      if (!ScoreQuery.isId(customer)) {
        throw ScoreQuery.badId("customer_id", customer);
      }
      Set<String> asked = models.select(request.getModelsList());
      ScoreQuery query =
          new ScoreQuery(
              ScoreQuery.maxAgeNs(request.hasMaxAge() ? request.getMaxAge() : null),
              request.getMinFeatureVersion());
      ScoreCall call = new ScoreCall(customer, asked, metrics, caller);
      single.score(List.of(customer), query, models, context, call);
    } catch (RuntimeException e) {
      caller.onError(ErrorPolicy.toStatus(e));
    }
  }

  @Override
  public void scoreBatch(ScoreBatchRequest request, StreamObserver<ScoreBatchResponse> observer) {
    Unary.complete(scoreBatch(request), observer);
  }

  @Override
  public StreamObserver<ScoreBatchRequest> scoreStream(
      StreamObserver<ScoreBatchResponse> observer) {
    return new OrderedStream<>(
        (ServerCallStreamObserver<ScoreBatchResponse>) observer, this::scoreBatch, streamWindow);
  }

  /**
   * Asks what is known of models, which is nearly always there, and waits for it where it is not.
   */
  private CompletionStage<ScoreBatchResponse> scoreBatch(ScoreBatchRequest request) {
    Context context = Context.current();
    Models models = directory.current();
    if (models == null) {
      return directory.known().thenCompose(known -> scoreBatch(request, known, context));
    }
    try {
      return scoreBatch(request, models, context);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletionStage<ScoreBatchResponse> scoreBatch(
      ScoreBatchRequest request, Models models, Context context) {
    ScoreQuery.checkCount(request.getCustomerIdsCount());
    Set<String> asked = models.select(request.getModelsList());
    ScoreQuery query =
        new ScoreQuery(ScoreQuery.maxAgeNs(request.hasMaxAge() ? request.getMaxAge() : null), 0);
    BatchCall call = new BatchCall(request, asked, metrics);
    bulk.score(request.getCustomerIdsList(), query, models, context, call);
    return call.response();
  }
}
