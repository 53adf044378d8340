package io.clientele.gateway;

import com.google.protobuf.Duration;
import io.clientele.gateway.v1.GatewayGrpc;
import io.clientele.gateway.v1.ScoreBatchRequest;
import io.clientele.gateway.v1.ScoreRequest;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * What a gateway is asked while it warms up: customers that nobody has, computed and cached, many
 * at once, as in the load that it is to bear from its first second on.
 */
final class WarmUpCalls implements Consumer<Channel> {
  private static final int AT_ONCE = 16;
  private static final int BATCH_EVERY = 16;
  private static final int BATCH_CUSTOMERS = 32;

  private final AtomicInteger calls = new AtomicInteger();

  @Override
  public void accept(Channel channel) {
    GatewayGrpc.GatewayFutureStub gateway = GatewayGrpc.newFutureStub(channel);
    int call = calls.getAndIncrement();
    List<Future<?>> answers = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      ScoreRequest.Builder score =
          ScoreRequest.newBuilder().setCustomerId(customer(call / 2 * AT_ONCE + i));
      if (call % 2 == 0) {
        score.setMaxAge(Duration.getDefaultInstance()); // else from the cache
      }
      answers.add(gateway.score(score.build()));
    }
    if (call % BATCH_EVERY == 0) {
      ScoreBatchRequest.Builder batch = ScoreBatchRequest.newBuilder();
      for (int i = 0; i < BATCH_CUSTOMERS; i++) {
        batch.addCustomerIds(customer(call + i));
      }
      answers.add(gateway.scoreBatch(batch.build()));
    }
    answers.forEach(WarmUpCalls::await);
  }

  private static void await(Future<?> answer) {
    try {
      answer.get(); // which the channel's deadline ends
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String customer(int number) {
    return "warm-up:" + number;
  }
}
