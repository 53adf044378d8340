package io.clientele.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import io.clientele.featurestore.store.RedisProcess;
import io.clientele.featurestore.v1.DescribeCustomerRequest;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.Verdict;
import io.clientele.gateway.v1.CustomerStatus;
import io.clientele.gateway.v1.GatewayGrpc;
import io.clientele.gateway.v1.Outcome;
import io.clientele.gateway.v1.Provenance;
import io.clientele.gateway.v1.ScoreBatchRequest;
import io.clientele.gateway.v1.ScoreBatchResponse;
import io.clientele.gateway.v1.ScoreRequest;
import io.clientele.gateway.v1.Scores;
import io.clientele.grpc.Channels;
import io.clientele.grpc.HostPort;
import io.grpc.ManagedChannel;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The services as an operator runs them: three processes and a Redis. */
@Timeout(300)
class ThreeProcessesTest {
  private static final String CUSTOMER = "ann";
  private static final int CUSTOMERS = 2_500;

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  @TempDir private Path folder = Path.of("");
  private HostPort storeAddress = new HostPort("127.0.0.1", 0);
  private String redisUrl = "";

  @BeforeEach
  void startRedis() throws IOException {
    RedisProcess redis = RedisProcess.start(folder.resolve("redis"), 0);
    parts.push(redis);
    redisUrl = redis.uri().toString();
    storeAddress = TestingProcess.freeAddress();
  }

  @AfterEach
  void stop() {
    Closing.all(parts);
  }

  @Test
  void scoresAcrossProcessesAndOutlivesAStoreThatIsKilled() throws Exception {
    TestingProcess store = startStore("store-1.log");
    HostPort scorerAddress = TestingProcess.freeAddress();
    push(start("scorer", "scorer.log", scorerAddress, "--models=" + TestingPlatform.MODELS));
    HostPort gatewayAddress = TestingProcess.freeAddress();
    push(
        start(
            "gateway",
            "gateway.log",
            gatewayAddress,
            "--feature-store=" + storeAddress,
            "--scorer=" + scorerAddress));
    ManagedChannel storeChannel = open(storeAddress);
    ManagedChannel gatewayChannel = open(gatewayAddress);
    Readiness.await("gateway", gatewayAddress, gatewayChannel, TestingPlatform.START_TIMEOUT);
    Readiness.await("store", storeAddress, storeChannel, TestingPlatform.START_TIMEOUT);
    record(storeChannel);

    Scores computed = score(gatewayChannel, CUSTOMER);
    assertThat(computed.getCustomer()).isEqualTo(CustomerStatus.FOUND);
    assertThat(computed.getChurn().getOrigin().getProvenance()).isEqualTo(Provenance.COMPUTED);
    assertThat(computed.getErrorsList()).isEmpty();

    awaitCached(gatewayChannel);
    store.kill();
    Scores stale = score(gatewayChannel, CUSTOMER);
    assertThat(stale.getChurn().getOrigin().getProvenance()).isEqualTo(Provenance.STALE);
    assertThat(stale.getChurn().getProbability()).isEqualTo(computed.getChurn().getProbability());
    Scores prior = score(gatewayChannel, "nobody-asked-for-before");
    assertThat(prior.getCustomer()).isEqualTo(CustomerStatus.UNDETERMINED);
    assertThat(prior.getChurn().getOrigin().getProvenance()).isEqualTo(Provenance.PRIOR);

    push(startStore("store-2.log"));
    Readiness.await("store", storeAddress, storeChannel, TestingPlatform.START_TIMEOUT);
    long version =
        FeatureStoreGrpc.newBlockingStub(storeChannel)
            .describeCustomer(DescribeCustomerRequest.newBuilder().setCustomerId(CUSTOMER).build())
            .getFeatureVersion();
    assertThat(version).isEqualTo(computed.getFeatureVersion());
    awaitComputed(gatewayChannel);

    scoreStream(gatewayChannel);
  }

  /** A backfill: batches over a stream, answered once each, in order. */
  private static void scoreStream(ManagedChannel gateway) throws Exception {
    BlockingClientCall<ScoreBatchRequest, ScoreBatchResponse> stream =
        GatewayGrpc.newBlockingV2Stub(gateway).scoreStream();
    List<ScoreBatchRequest> batches =
        IntStream.range(0, 25)
            .mapToObj(
                batch ->
                    ScoreBatchRequest.newBuilder()
                        .setSequence(batch)
                        .addAllCustomerIds(
                            IntStream.range(0, CUSTOMERS / 25)
                                .mapToObj(row -> "c-" + batch + "-" + row)
                                .toList())
                        .build())
            .toList();
    for (ScoreBatchRequest batch : batches) {
      stream.write(batch);
    }
    stream.halfClose();
    for (ScoreBatchRequest batch : batches) {
      ScoreBatchResponse answer = stream.read();
      assertThat(answer).isNotNull();
      assertThat(answer.getSequence()).isEqualTo(batch.getSequence());
      assertThat(answer.getOutcomesList())
          .extracting(Outcome::getScores)
          .extracting(Scores::getCustomerId)
          .isEqualTo(List.copyOf(batch.getCustomerIdsList()));
    }
    assertThat(stream.read()).isNull();
  }

  private static void record(ManagedChannel store) {
    try (EventSender sender = new EventSender(store, done -> {})) {
      sender.send(
          new LoggedEvent(
              CUSTOMER,
              "first",
              "order",
              System.currentTimeMillis() - TimeUnit.DAYS.toMillis(40),
              Map.of("amount", 30.0, "items", 2.0),
              Map.of("category", List.of("music"))));
      assertThat(sender.finish().of(Verdict.APPLIED)).isEqualTo(1);
    }
  }

  private static Scores score(ManagedChannel gateway, String customer) {
    return GatewayGrpc.newBlockingStub(gateway)
        .withDeadlineAfter(30, TimeUnit.SECONDS)
        .score(
            ScoreRequest.newBuilder()
                .setCustomerId(customer)
                .setMaxAge(Duration.getDefaultInstance())
                .build())
        .getScores();
  }

  /** The gateway's breaker closes by itself, some time after the store is back. */
  private static void awaitComputed(ManagedChannel gateway) throws InterruptedException {
    while (score(gateway, CUSTOMER).getChurn().getOrigin().getProvenance() != Provenance.COMPUTED) {
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  /** A score that was on its way when the feed told of the event is not kept: a later one is. */
  private static void awaitCached(ManagedChannel gateway) throws InterruptedException {
    ScoreRequest request = ScoreRequest.newBuilder().setCustomerId(CUSTOMER).build();
    while (GatewayGrpc.newBlockingStub(gateway)
            .withDeadlineAfter(30, TimeUnit.SECONDS)
            .score(request)
            .getScores()
            .getChurn()
            .getOrigin()
            .getProvenance()
        != Provenance.CACHED) {
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private TestingProcess startStore(String log) throws IOException {
    return push(start("feature-store", log, storeAddress, "--redis=" + redisUrl));
  }

  private TestingProcess start(String service, String log, HostPort listen, String... more)
      throws IOException {
    List<String> args =
        new java.util.ArrayList<>(List.of(service, "--listen=" + listen, "--metrics-listen=off"));
    args.addAll(List.of(more));
    return TestingProcess.start(folder.resolve(log), Map.of(), args.toArray(String[]::new));
  }

  private <T extends AutoCloseable> T push(T part) {
    parts.push(part);
    return part;
  }

  private ManagedChannel open(HostPort address) {
    ManagedChannel channel = Channels.open(address);
    push(() -> Channels.close(channel));
    return channel;
  }
}
