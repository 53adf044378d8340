package io.clientele.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Timestamps;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.ForgetCustomerRequest;
import io.clientele.featurestore.v1.ForgetCustomerResponse;
import io.clientele.featurestore.v1.RecordEventsRequest;
import io.clientele.featurestore.v1.RecordEventsResponse;
import io.clientele.gateway.v1.CustomerStatus;
import io.clientele.gateway.v1.GatewayGrpc;
import io.clientele.gateway.v1.GatewayGrpc.GatewayBlockingStub;
import io.clientele.gateway.v1.Provenance;
import io.clientele.gateway.v1.ScoreRequest;
import io.clientele.gateway.v1.Scores;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What changes in the store, as two gateways with caches see it. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ChangesTest {
  private TestingPlatform platform;
  private List<GatewayBlockingStub> gateways = List.of();

  @BeforeAll
  void start(@TempDir Path data) throws IOException {
    // A cache that only changes can outdate: its scores live for as long as the test.
    Map<String, String> forAnHour =
        Map.of("CLIENTELE_GATEWAY_CACHE_RETENTION", "2h", "CLIENTELE_GATEWAY_CACHE_MAX_AGE", "1h");
    platform = new TestingPlatform(data, forAnHour);
    gateways =
        List.of(
            platform.gateway(), GatewayGrpc.newBlockingStub(platform.anotherGateway(forAnHour)));
  }

  @AfterAll
  void stop() {
    platform.close();
  }

  @Test
  void showsAnEventThroughEveryGatewayThatHadTheScoreInItsCache() {
    for (int order = 1; order <= 20; order++) {
      long version = record(order("alice", "o" + order));
      for (GatewayBlockingStub gateway : gateways) {
        Scores scores = score(gateway, "alice");
        while (scores.getFeatureVersion() < version) {
          scores = score(gateway, "alice");
        }
        assertThat(provenance(awaitCached(gateway, "alice"))).isEqualTo(Provenance.CACHED);
        assertThat(score(gateway, "alice").getFeatureVersion()).isEqualTo(version);
      }
    }
  }

  @Test
  void showsTheOwnWriteAtOnceToWhoAsksForItsVersion() {
    for (int order = 1; order <= 20; order++) {
      score(gateways.getFirst(), "bob");
      long version = record(order("bob", "o" + order));
      for (GatewayBlockingStub gateway : gateways) {
        ScoreRequest request =
            ScoreRequest.newBuilder().setCustomerId("bob").setMinFeatureVersion(version).build();

        assertThat(gateway.score(request).getScores().getFeatureVersion()).isEqualTo(version);
      }
    }
  }

  @Test
  void forgetsACustomerInEveryGateway() {
    record(order("carol", "o1"));
    gateways.forEach(gateway -> awaitCached(gateway, "carol"));

    ForgetCustomerResponse receipt =
        platform
            .featureStore()
            .forgetCustomer(ForgetCustomerRequest.newBuilder().setCustomerId("carol").build());

    assertThat(ForgetCommand.line(receipt))
        .contains("1 of type order", "1 feed entries")
        .doesNotContain("carol");
    for (GatewayBlockingStub gateway : gateways) {
      Scores scores = score(gateway, "carol");
      while (scores.getCustomer() != CustomerStatus.UNKNOWN) {
        scores = score(gateway, "carol");
      }
      assertThat(provenance(scores)).isEqualTo(Provenance.PRIOR);
    }
  }

  private static Scores awaitCached(GatewayBlockingStub gateway, String customer) {
    Scores scores = score(gateway, customer);
    while (provenance(scores) != Provenance.CACHED) {
      scores = score(gateway, customer);
    }
    return scores;
  }

  private static Scores score(GatewayBlockingStub gateway, String customer) {
    return gateway.score(ScoreRequest.newBuilder().setCustomerId(customer).build()).getScores();
  }

  private static Provenance provenance(Scores scores) {
    return scores.getChurn().getOrigin().getProvenance();
  }

  private static Event order(String customer, String id) {
    return Event.newBuilder()
        .setCustomerId(customer)
        .setEventId(id)
        .setType("order")
        .setEventTime(Timestamps.fromMillis(System.currentTimeMillis()))
        .putMeasures("amount", 25)
        .putMeasures("items", 1)
        .build();
  }

  /** Records an event and returns the version that it led to. */
  private long record(Event event) {
    return record(platform.featureStoreChannel(), event).getFeatureVersions(0);
  }

  private static RecordEventsResponse record(Channel channel, Event event) {
    var answer = new CompletableFuture<RecordEventsResponse>();
    StreamObserver<RecordEventsRequest> requests =
        FeatureStoreGrpc.newStub(channel)
            .recordEvents(
                new StreamObserver<>() {
                  @Override
                  public void onNext(RecordEventsResponse response) {
                    answer.complete(response);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    answer.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {}
                });
    requests.onNext(RecordEventsRequest.newBuilder().addEvents(event).build());
    requests.onCompleted();
    return answer.join();
  }
}
