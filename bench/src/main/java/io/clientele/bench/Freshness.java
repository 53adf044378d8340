package io.clientele.bench;

import com.google.protobuf.util.Timestamps;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.RecordEventsRequest;
import io.clientele.featurestore.v1.RecordEventsResponse;
import io.clientele.featurestore.v1.Verdict;
import io.clientele.gateway.v1.GatewayGrpc;
import io.clientele.gateway.v1.ScoreRequest;
import io.clientele.grpc.Channels;
import io.clientele.grpc.HostPort;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Measures how long after an event was acknowledged a gateway's {@code Score} reflects it: one
 * event at a time, of a customer whose score is in the cache, asking again until the answer has the
 * version that the event led to. It ends after its rounds; a round that takes ten seconds fails.
 */
public final class Freshness {
  private static final int WARM_UP = 2_000;
  private static final long PATIENCE_NS = 10_000_000_000L;
  private static final String CUSTOMER = "freshness-";
  private static final int CUSTOMERS = 100;

  private final GatewayGrpc.GatewayBlockingStub gateway;
  private final StreamObserver<RecordEventsRequest> events;
  private final BlockingQueue<RecordEventsResponse> acks = new LinkedBlockingQueue<>();
  private final String run = Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);

  private Freshness(ManagedChannel featureStore, ManagedChannel gateway) {
    this.gateway = GatewayGrpc.newBlockingStub(gateway);
    events =
        FeatureStoreGrpc.newStub(featureStore)
            .recordEvents(
                new StreamObserver<>() {
                  @Override
                  public void onNext(RecordEventsResponse ack) {
                    acks.add(ack);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    failure.printStackTrace();
                  }

                  @Override
                  public void onCompleted() {}
                });
  }

  /**
   * @param args feature store, gateway, rounds
   */
  public static void main(String[] args) throws InterruptedException {
    ManagedChannel featureStore = Channels.open(HostPort.parse(args[0]));
    ManagedChannel gateway = Channels.open(HostPort.parse(args[1]));
    try {
      new Freshness(featureStore, gateway).measure(Integer.parseInt(args[2]));
    } finally {
      Channels.close(gateway);
      Channels.close(featureStore);
    }
  }

  private void measure(int rounds) throws InterruptedException {
    for (int i = 0; i < WARM_UP; i++) {
      round(i);
    }
    long[] visibleNs = new long[rounds];
    int atOnce = 0;
    for (int i = 0; i < rounds; i++) {
      visibleNs[i] = round(WARM_UP + i);
      atOnce += visibleNs[i] == 0 ? 1 : 0;
    }
    events.onCompleted();
    Arrays.sort(visibleNs);
    System.out.printf(
        "from ack to visible: p50 %.2f ms, p99 %.2f ms, most %.2f ms;"
            + " %.1f %% of the first answers had it already (%d rounds)%n",
        visibleNs[rounds / 2] / 1e6,
        visibleNs[(int) (rounds * 0.99)] / 1e6,
        visibleNs[rounds - 1] / 1e6,
        100.0 * atOnce / rounds,
        rounds);
  }

  /**
   * One event.
   *
   * @return nanoseconds from the ack until a question is asked whose answer has it
   */
  private long round(int number) throws InterruptedException {
    String customer = CUSTOMER + number % CUSTOMERS;
    version(customer); // now it is in the cache
    events.onNext(
        RecordEventsRequest.newBuilder()
            .addEvents(
                Event.newBuilder()
                    .setCustomerId(customer)
                    .setEventId(run + "-" + number)
                    .setType("view")
                    .setEventTime(Timestamps.fromMillis(System.currentTimeMillis())))
            .build());
    RecordEventsResponse ack = acks.poll(PATIENCE_NS, TimeUnit.NANOSECONDS);
    long ackNs = System.nanoTime();
    if (ack == null || ack.getVerdicts(0) != Verdict.APPLIED) {
      throw new IllegalStateException("not applied: " + ack);
    }
    long askedNs = ackNs;
    while (version(customer) < ack.getFeatureVersions(0)) {
      askedNs = System.nanoTime();
      if (askedNs - ackNs > PATIENCE_NS) {
        throw new IllegalStateException("not visible: " + customer);
      }
    }
    return askedNs - ackNs;
  }

  private long version(String customer) {
    return gateway
        .score(ScoreRequest.newBuilder().setCustomerId(customer).build())
        .getScores()
        .getFeatureVersion();
  }
}
