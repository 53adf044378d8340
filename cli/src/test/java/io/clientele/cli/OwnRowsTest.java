package io.clientele.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.Duration;
import com.google.protobuf.util.Timestamps;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.RecordEventsRequest;
import io.clientele.gateway.v1.GatewayGrpc;
import io.clientele.gateway.v1.Provenance;
import io.clientele.gateway.v1.ScoreBatchRequest;
import io.clientele.gateway.v1.ScoreBatchResponse;
import io.clientele.gateway.v1.ScoreRequest;
import io.clientele.gateway.v1.ScoreResponse;
import io.clientele.gateway.v1.Scores;
import io.grpc.Status;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many callers of the real services, some in a hurry, some who leave, while Redis loses all of its
 * connections now and then: each answer is of the customer it was asked for. Customers have as many
 * orders as their number, each written for itself, so that the feature version tells who it is.
 */
class OwnRowsTest {
  private static final int CUSTOMERS = 20;
  private static final int THREADS = 4;
  private static final int CALLS = 250;

  private final Set<Provenance> seen = ConcurrentHashMap.newKeySet();

  @Test
  void answersEachCallerWithItsOwnCustomersRow(@TempDir Path data) throws Exception {
    try (var platform = new TestingPlatform(data, Map.of());
        ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      shop(platform);
      List<Future<Void>> callers = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        callers.add(threads.submit(new Caller(platform, new Random(thread))));
      }
      for (Future<Void> caller : callers) {
        caller.get();
      }
    }
    assertThat(seen).contains(Provenance.COMPUTED, Provenance.CACHED);
  }

  /** Customer 1 orders once, customer 2 twice, and so on. */
  private static void shop(TestingPlatform platform) throws Exception {
    var stream = FeatureStoreGrpc.newBlockingV2Stub(platform.featureStoreChannel()).recordEvents();
    long nowMs = System.currentTimeMillis();
    for (int customer = 1; customer <= CUSTOMERS; customer++) {
      for (int order = 0; order < customer; order++) {
        stream.write(
            RecordEventsRequest.newBuilder()
                .addEvents(
                    Event.newBuilder()
                        .setCustomerId(id(customer))
                        .setEventId(customer + "-" + order)
                        .setType("order")
                        .setEventTime(Timestamps.fromMillis(nowMs - order * 1_000L))
                        .putMeasures("amount", 10.0 * customer)
                        .putMeasures("items", 1))
                .build());
        assertThat(stream.read()).isNotNull();
      }
    }
    stream.halfClose();
  }

  private static String id(int customer) {
    return "customer-" + customer;
  }

  private void requireOwn(String customer, Scores scores) {
    Provenance provenance = scores.getChurn().getOrigin().getProvenance();
    seen.add(provenance);
    assertThat(scores.getCustomerId()).isEqualTo(customer);
    String owner = "customer-" + scores.getFeatureVersion();
    if (provenance != Provenance.PRIOR || scores.getFeatureVersion() != 0) {
      assertThat(owner).isEqualTo(customer);
    }
  }

  /** What one thread does, one call after the other. */
  private final class Caller implements Callable<Void> {
    private final TestingPlatform platform;
    private final Random random;

    Caller(TestingPlatform platform, Random random) {
      this.platform = platform;
      this.random = random;
    }

    @Override
    public Void call() throws Exception {
      for (int i = 0; i < CALLS; i++) {
        if (random.nextInt(50) == 0) {
          cutConnections(platform.redis());
        }
        if (random.nextInt(4) == 0) {
          scoreBatch();
        } else {
          score();
        }
      }
      return null;
    }

    private String anybody() {
      return id(1 + random.nextInt(CUSTOMERS));
    }

    private void score() throws Exception {
      boolean hurry = random.nextInt(4) == 0;
      boolean leaves = random.nextInt(6) == 0;
      String customer = anybody();
      ScoreRequest.Builder request = ScoreRequest.newBuilder().setCustomerId(customer);
      if (random.nextBoolean()) {
        request.setMaxAge(Duration.getDefaultInstance());
      }
      var stub = GatewayGrpc.newFutureStub(platform.gatewayChannel());
      ListenableFuture<ScoreResponse> answer =
          (hurry ? stub.withDeadlineAfter(1 + random.nextInt(4), TimeUnit.MILLISECONDS) : stub)
              .score(request.build());
      if (leaves) {
        answer.cancel(true);
      }
      try {
        requireOwn(customer, answer.get().getScores());
      } catch (CancellationException e) {
        assertThat(leaves).isTrue();
      } catch (ExecutionException e) {
        assertThat(Status.fromThrowable(e).getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(hurry).isTrue();
      }
    }

    private void scoreBatch() {
      ScoreBatchRequest.Builder request =
          ScoreBatchRequest.newBuilder().setMaxAge(Duration.getDefaultInstance());
      for (int size = 1 + random.nextInt(30); size > 0; size--) {
        request.addCustomerIds(anybody());
      }
      ScoreBatchResponse response = platform.gateway().scoreBatch(request.build());
      assertThat(response.getOutcomesCount()).isEqualTo(request.getCustomerIdsCount());
      for (int i = 0; i < response.getOutcomesCount(); i++) {
        requireOwn(request.getCustomerIds(i), response.getOutcomes(i).getScores());
      }
    }
  }

  /** One at a time: two would cut each other's. */
  private static synchronized void cutConnections(URI redis) throws IOException {
    try (var socket = new Socket(redis.getHost(), redis.getPort())) {
      socket.getOutputStream().write("CLIENT KILL TYPE normal\r\n".getBytes(US_ASCII));
      socket.getOutputStream().flush();
      assertThat(socket.getInputStream().read()).isEqualTo(':');
    }
  }
}
