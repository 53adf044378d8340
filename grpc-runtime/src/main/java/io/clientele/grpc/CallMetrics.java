package io.clientele.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Times every call and counts it under its method and status. */
final class CallMetrics implements ServerInterceptor {
  private final Metrics metrics;

  /** As many as the server has methods, whose descriptors live as long as it does. */
  private final Map<MethodDescriptor<?, ?>, MethodTimes> times = new ConcurrentHashMap<>();

  CallMetrics(Metrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    long startNs = System.nanoTime();
    MethodTimes method = times.computeIfAbsent(call.getMethodDescriptor(), MethodTimes::new);
    return next.startCall(
        new SimpleForwardingServerCall<>(call) {
          @Override
          public void close(Status status, Metadata trailers) {
            method.of(status.getCode()).observe(Metrics.seconds(System.nanoTime() - startNs));
            super.close(status, trailers);
          }
        },
        headers);
  }

  /** One method's histograms by status, looked up by their names once. */
  private final class MethodTimes {
    private final MethodDescriptor<?, ?> method;
    private final AtomicReferenceArray<DistributionDataPoint> byCode =
        new AtomicReferenceArray<>(Status.Code.values().length);

    MethodTimes(MethodDescriptor<?, ?> method) {
      this.method = method;
    }

    DistributionDataPoint of(Status.Code code) {
      DistributionDataPoint known = byCode.get(code.value());
      if (known != null) {
        return known;
      }
      DistributionDataPoint found =
          metrics.call(
              String.valueOf(method.getServiceName()),
              String.valueOf(method.getBareMethodName()),
              code.name());
      byCode.set(code.value(), found);
      return found;
    }
  }
}
