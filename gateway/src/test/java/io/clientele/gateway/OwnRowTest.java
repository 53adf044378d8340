package io.clientele.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.Duration;
import io.clientele.gateway.TestingFault.Fate;
import io.clientele.gateway.v1.GatewayGrpc;
import io.clientele.gateway.v1.Outcome;
import io.clientele.gateway.v1.Provenance;
import io.clientele.gateway.v1.ScoreBatchRequest;
import io.clientele.gateway.v1.ScoreBatchResponse;
import io.clientele.gateway.v1.ScoreRequest;
import io.clientele.gateway.v1.ScoreResponse;
import io.clientele.gateway.v1.Scores;
import io.grpc.Status;
import io.grpc.stub.BlockingClientCall;
import java.util.ArrayList;
import java.util.List;
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
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Callers of every RPC at once, some in a hurry, some who leave, while the feature store and the
 * scorer answer late or not at all and features change: each answer is of the customer it was asked
 * for. A customer's features are made from its feature version, and the version from the customer,
 * so that a row of another, or one put together from two, shows.
 */
class OwnRowTest {
  private static final int THREADS = 5;
  private static final int CALLS = 400;
  private static final int CUSTOMERS = 40;
  private static final int UNKNOWN = 5;
  private static final int VERSION_STEP = 1_000; // more than there are customers
  private static final java.time.Duration A_CALL = java.time.Duration.ofMillis(20);

  private final TestingPlatform platform = TestingPlatform.start();
  private final Set<Provenance> seen = ConcurrentHashMap.newKeySet();

  @AfterEach
  void close() {
    platform.close();
  }

  @Test
  void answersEachCallerWithItsOwnCustomersRow() throws Exception {
    for (int customer = 0; customer < CUSTOMERS; customer++) {
      write(customer, VERSION_STEP + customer);
    }
    platform.store.reads.vary(fates(1));
    platform.scorer.infers.vary(fates(2));
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<Void>> callers = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        callers.add(threads.submit(new Caller(thread)));
      }
      for (Future<Void> caller : callers) {
        caller.get();
      }
    }

    assertThat(seen)
        .contains(Provenance.COMPUTED, Provenance.CACHED, Provenance.STALE, Provenance.PRIOR);
    platform.awaitBulkIdle();
    assertThat(platform.metric("clientele_gateway_callers", "interactive")).isZero();
  }

  private static Supplier<Fate> fates(long seed) {
    Random random = new Random(seed);
    return () ->
        switch (random.nextInt(8)) {
          case 0 -> Fate.FAILED;
          case 1, 2, 3 -> Fate.ANSWERED_ON_ANOTHER_THREAD;
          default -> Fate.ANSWERED;
        };
  }

  private void write(int customer, int version) {
    platform.store.put(id(customer), version, version);
  }

  private static String id(int customer) {
    return "customer-" + customer;
  }

  /** What one thread does, one call after the other. It alone writes some of the customers. */
  private final class Caller implements Callable<Void> {
    private final int thread;
    private final Random random;
    private final int[] versions = new int[CUSTOMERS];

    Caller(int thread) {
      this.thread = thread;
      random = new Random(thread);
    }

    @Override
    public Void call() throws Exception {
      for (int i = 0; i < CALLS; i++) {
        platform.ticker.advance(A_CALL); // scores age, and breakers try again
        switch (random.nextInt(8)) {
          case 0 -> readOwnWrite();
          case 1, 2 -> scoreBatch();
          case 3 -> scoreStream();
          default -> score(anybody(), 0);
        }
      }
      return null;
    }

    private int anybody() {
      return random.nextInt(CUSTOMERS + UNKNOWN);
    }

    private void readOwnWrite() throws Exception {
      int customer = thread + THREADS * random.nextInt(CUSTOMERS / THREADS);
      versions[customer] = Math.max(versions[customer], VERSION_STEP + customer) + VERSION_STEP;
      write(customer, versions[customer]);
      if (random.nextBoolean()) {
        platform.store.tellOf(id(customer), versions[customer]);
      }
      score(customer, versions[customer]);
    }

    private void score(int customer, int leastVersion) throws Exception {
      boolean hurry = random.nextInt(4) == 0;
      boolean leaves = random.nextInt(6) == 0;
      ScoreRequest.Builder request =
          ScoreRequest.newBuilder().setCustomerId(id(customer)).setMinFeatureVersion(leastVersion);
      if (random.nextBoolean()) {
        request.setMaxAge(Duration.getDefaultInstance());
      }
      var stub = GatewayGrpc.newFutureStub(platform.channel);
      ListenableFuture<ScoreResponse> answer =
          (hurry ? stub.withDeadlineAfter(1 + random.nextInt(4), TimeUnit.MILLISECONDS) : stub)
              .score(request.build());
      if (leaves) {
        answer.cancel(true);
      }
      try {
        requireOwnScores(customer, leastVersion, answer.get().getScores());
      } catch (CancellationException e) {
        assertThat(leaves).isTrue();
      } catch (ExecutionException e) {
        assertThat(Status.fromThrowable(e).getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(hurry).isTrue();
      }
    }

    private void scoreBatch() {
      ScoreBatchRequest request = batch(random.nextLong());
      requireOwn(request, platform.gateway.scoreBatch(request));
    }

    private ScoreBatchRequest batch(long sequence) {
      ScoreBatchRequest.Builder request = ScoreBatchRequest.newBuilder().setSequence(sequence);
      for (int size = 1 + random.nextInt(30); size > 0; size--) {
        request.addCustomerIds(id(anybody()));
      }
      if (random.nextBoolean()) {
        request.setMaxAge(Duration.getDefaultInstance());
      }
      return request.build();
    }

    private void scoreStream() throws Exception {
      BlockingClientCall<ScoreBatchRequest, ScoreBatchResponse> stream =
          GatewayGrpc.newBlockingV2Stub(platform.channel).scoreStream();
      List<ScoreBatchRequest> sent = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        sent.add(batch(i));
        stream.write(sent.getLast());
      }
      int read = random.nextInt(2 * sent.size());
      for (ScoreBatchRequest request : sent.subList(0, Math.min(read, sent.size()))) {
        requireOwn(request, stream.read());
      }
      if (read < sent.size()) {
        stream.cancel("enough", null);
      } else {
        stream.halfClose();
        assertThat(stream.read()).isNull();
      }
    }

    private void requireOwn(ScoreBatchRequest request, ScoreBatchResponse response) {
      assertThat(response.getSequence()).isEqualTo(request.getSequence());
      assertThat(response.getOutcomesCount()).isEqualTo(request.getCustomerIdsCount());
      for (int i = 0; i < response.getOutcomesCount(); i++) {
        Outcome outcome = response.getOutcomes(i);
        String customer = request.getCustomerIds(i);
        assertThat(outcome.hasScores()).isTrue();
        requireOwnScores(
            Integer.parseInt(customer.substring("customer-".length())), 0, outcome.getScores());
      }
    }
  }

  private void requireOwnScores(int customer, int leastVersion, Scores scores) {
    Provenance provenance = scores.getChurn().getOrigin().getProvenance();
    seen.add(provenance);
    assertThat(scores.getCustomerId()).isEqualTo(id(customer));
    int version = (int) scores.getFeatureVersion();
    if (provenance == Provenance.PRIOR) {
      assertThat(scores.getChurn().getProbability()).isEqualTo(0.5f);
      assertThat(version == 0 || version % VERSION_STEP == customer).isTrue();
      return;
    }
    assertThat(provenance).isIn(Provenance.COMPUTED, Provenance.CACHED, Provenance.STALE);
    assertThat(version % VERSION_STEP).isEqualTo(customer);
    assertThat(version).isGreaterThanOrEqualTo(Math.max(VERSION_STEP, leastVersion));
    assertThat(scores.getChurn().getProbability()).isEqualTo(version / 1000f);
    assertThat(scores.getSegment().getMemberships(0).getProbability()).isEqualTo(version / 1000f);
    assertThat(scores.getValue().getExpectedSpend()).isEqualTo(2f * version);
    assertThat(scores.getOthers(0).getOutputs(0).getValue()).isEqualTo(version);
    assertThat(scores.getOthers(0).getOutputs(1).getValue()).isEqualTo(2f * version);
  }
}
