package io.clientele.gateway;

import io.clientele.gateway.v1.ScoreResponse;
import io.clientele.grpc.ErrorPolicy;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Set;

/** One customer's call on its way: it ends when the answer is there. */
final class ScoreCall implements Receiver<Answer> {
  private final String customer;
  private final Set<String> asked;
  private final GatewayMetrics metrics;
  private final ServerCallStreamObserver<ScoreResponse> observer;

  /**
   * @param asked names of models, empty for all
   */
  ScoreCall(
      String customer,
      Set<String> asked,
      GatewayMetrics metrics,
      ServerCallStreamObserver<ScoreResponse> observer) {
    this.customer = customer;
    this.asked = asked;
    this.metrics = metrics;
    this.observer = observer;
  }

  @Override
  public void received(int index, Answer answer) {
    ScoreResponse response;
    try {
      response = ScoreResponse.newBuilder().setScores(answer.toScores(customer, asked)).build();
    } catch (Throwable t) { // whatever it is, it is this call's
      failed(index, t);
      return;
    }
    metrics.count(answer.provenance());
    observer.onNext(response);
    observer.onCompleted();
  }

  @Override
  public void failed(int index, Throwable failure) {
    observer.onError(ErrorPolicy.toStatus(failure));
  }
}
