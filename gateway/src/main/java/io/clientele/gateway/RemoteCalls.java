package io.clientele.gateway;

import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Unary calls over one channel as futures. A call belongs to no incoming call: many callers share
 * it, so it leaves in the root context, and no caller's cancellation ends it. Each call ends by its
 * deadline or by the timeout, whichever is first. Thread-safe.
 */
final class RemoteCalls {
  private final ManagedChannel channel;
  private final long timeoutNs;

  RemoteCalls(ManagedChannel channel, Duration timeout) {
    this.channel = channel;
    this.timeoutNs = timeout.toNanos();
  }

  /** Calls within the timeout. */
  <Q, R> CompletableFuture<R> call(MethodDescriptor<Q, R> method, Q request) {
    return call(method, request, Deadline.after(timeoutNs, TimeUnit.NANOSECONDS));
  }

  /** Calls within the timeout and the deadline. */
  <Q, R> CompletableFuture<R> call(MethodDescriptor<Q, R> method, Q request, Deadline deadline) {
    Deadline end = deadline.minimum(Deadline.after(timeoutNs, TimeUnit.NANOSECONDS));
    FutureObserver<R> answer = new FutureObserver<>();
    Context previous = Context.ROOT.attach();
    try {
      ClientCalls.asyncUnaryCall(
          channel.newCall(method, CallOptions.DEFAULT.withDeadline(end)), request, answer);
    } finally {
      Context.ROOT.detach(previous);
    }
    return answer.future;
  }

  /** Connects again at once where the channel waits after failures. */
  void reconnect() {
    channel.resetConnectBackoff();
  }

  private static final class FutureObserver<R> implements StreamObserver<R> {
    final CompletableFuture<R> future = new CompletableFuture<>();
    private @Nullable R value;

    @Override
    public void onNext(R value) {
      this.value = value;
    }

    @Override
    public void onError(Throwable failure) {
      future.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      R answered = value;
      if (answered == null) {
        future.completeExceptionally(new IllegalStateException("an answer without a message"));
      } else {
        future.complete(answered);
      }
    }
  }
}
