package io.clientele.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/** Times every call and counts it under its method and status. */
final class CallMetrics implements ServerInterceptor {
  private final Metrics metrics;

  CallMetrics(Metrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    long startNs = System.nanoTime();
    return next.startCall(
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            MethodDescriptor<Q, A> method = call.getMethodDescriptor();
            metrics
                .call(
                    String.valueOf(method.getServiceName()),
                    String.valueOf(method.getBareMethodName()),
                    status.getCode().name())
                .observe(Metrics.seconds(System.nanoTime() - startNs));
            super.close(status, trailers);
          }
        },
        headers);
  }
}
