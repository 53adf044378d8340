package io.clientele.bench;

import com.google.protobuf.Timestamp;
import io.clientele.gateway.v1.ChurnScore;
import io.clientele.gateway.v1.CustomerStatus;
import io.clientele.gateway.v1.GatewayGrpc;
import io.clientele.gateway.v1.Origin;
import io.clientele.gateway.v1.Provenance;
import io.clientele.gateway.v1.ScoreRequest;
import io.clientele.gateway.v1.ScoreResponse;
import io.clientele.gateway.v1.Scores;
import io.clientele.gateway.v1.SegmentMembership;
import io.clientele.gateway.v1.SegmentScore;
import io.clientele.gateway.v1.ValueScore;
import io.clientele.grpc.GrpcServer;
import io.clientele.grpc.HostPort;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.ServerSettings;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CountDownLatch;

/**
 * The machine's own limit: a server with the gateway's contract, settings and message sizes, and
 * nothing behind it. Every call gets the same answer.
 */
public final class EchoServer {
  private EchoServer() {}

  /**
   * Serves until it is stopped.
   *
   * @param args the address, such as 127.0.0.1:7190
   */
  public static void main(String[] args) throws InterruptedException {
    Metrics metrics = Metrics.start(null);
    GrpcServer server =
        GrpcServer.start(
            "echo", ServerSettings.on(HostPort.parse(args[0])), metrics, null, new Echo());
    server.serving(true);
    Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop"));
    new CountDownLatch(1).await();
  }

  private static final class Echo extends GatewayGrpc.GatewayImplBase {
    private static final ScoreResponse ANSWER = answer();

    @Override
    public void score(ScoreRequest request, StreamObserver<ScoreResponse> observer) {
      observer.onNext(ANSWER);
      observer.onCompleted();
    }

    private static ScoreResponse answer() {
      SegmentScore.Builder segment =
          SegmentScore.newBuilder().setId(1).setName("champions").setOrigin(origin("segment"));
      for (String name : new String[] {"champions", "loyal", "at risk", "hibernating"}) {
        segment.addMemberships(SegmentMembership.newBuilder().setName(name).setProbability(0.25f));
      }
      return ScoreResponse.newBuilder()
          .setScores(
              Scores.newBuilder()
                  .setCustomerId("00004")
                  .setCustomer(CustomerStatus.FOUND)
                  .setFeatureVersion(4)
                  .setAsOf(Timestamp.newBuilder().setSeconds(1_800_000_000).setNanos(123_000_000))
                  .setSegment(segment)
                  .setChurn(
                      ChurnScore.newBuilder()
                          .setProbability(0.81f)
                          .setBand("high")
                          .setHorizonDays(90)
                          .setOrigin(origin("churn")))
                  .setValue(
                      ValueScore.newBuilder()
                          .setExpectedSpend(12.34f)
                          .setCurrency("USD")
                          .setTier("bronze")
                          .setHorizonDays(90)
                          .setOrigin(origin("value"))))
          .build();
    }

    private static Origin origin(String model) {
      return Origin.newBuilder()
          .setModel(model)
          .setModelVersion("1")
          .setProvenance(Provenance.COMPUTED)
          .setMissingInputs(2)
          .build();
    }
  }
}
