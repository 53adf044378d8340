package io.clientele.gateway;

import com.google.protobuf.Duration;
import io.clientele.gateway.v1.GatewayGrpc;
import io.clientele.gateway.v1.ScoreBatchRequest;
import io.clientele.gateway.v1.ScoreRequest;
import io.grpc.Channel;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** What a gateway is asked while it warms up: customers that nobody has, computed and cached. */
final class WarmUpCalls implements Consumer<Channel> {
  private static final int BATCH_EVERY = 16;
  private static final int BATCH_CUSTOMERS = 32;

  private final AtomicInteger calls = new AtomicInteger();

  @Override
  public void accept(Channel channel) {
    GatewayGrpc.GatewayBlockingStub gateway = GatewayGrpc.newBlockingStub(channel);
    int call = calls.getAndIncrement();
    String customer = customer(call);
    ScoreRequest.Builder score = ScoreRequest.newBuilder().setCustomerId(customer);
    var _ = gateway.score(score.setMaxAge(Duration.getDefaultInstance()).build());
    var _ = gateway.score(score.clearMaxAge().build());
    if (call % BATCH_EVERY == 0) {
      ScoreBatchRequest.Builder batch = ScoreBatchRequest.newBuilder();
      for (int i = 0; i < BATCH_CUSTOMERS; i++) {
        batch.addCustomerIds(customer(call + i));
      }
      var _ = gateway.scoreBatch(batch.build());
    }
  }

  private static String customer(int number) {
    return "warm-up:" + number;
  }
}
