package io.clientele.bench.limits;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.Predicate;

/**
 * A unary RPC, over several connections in turn.
 *
 * @param requests by the call's number
 * @param good whether an answer is what was asked for
 */
record UnaryCall<Q, A>(
    List<? extends Channel> channels,
    MethodDescriptor<Q, A> method,
    LongFunction<Q> requests,
    Predicate<A> good)
    implements Call {
  @Override
  public void begin(long number, Ended ended) {
    Channel channel = channels.get((int) (number % channels.size()));
    ClientCalls.asyncUnaryCall(
        channel.newCall(method, CallOptions.DEFAULT),
        requests.apply(number),
        new StreamObserver<A>() {
          private boolean isGood;

          @Override
          public void onNext(A answer) {
            isGood = good.test(answer);
          }

          @Override
          public void onError(Throwable failure) {
            ended.ended(false);
          }

          @Override
          public void onCompleted() {
            ended.ended(isGood);
          }
        });
  }
}
