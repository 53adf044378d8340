package io.clientele.bench.limits;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.LongFunction;
import java.util.function.Predicate;

/**
 * A bidirectional RPC that answers each message once, in order: a call is one message and its
 * answer, on several streams in turn. Thread-safe.
 */
final class StreamedCall<Q, A> implements Call {
  private final LongFunction<Q> requests;
  private final Predicate<A> good;
  private final List<OneStream> streams = new ArrayList<>();

  /**
   * Opens the streams.
   *
   * @param count how many streams, over the channels in turn
   * @param requests by the call's number
   * @param good whether an answer is what was asked for
   */
  StreamedCall(
      List<? extends Channel> channels,
      int count,
      MethodDescriptor<Q, A> method,
      LongFunction<Q> requests,
      Predicate<A> good) {
    this.requests = requests;
    this.good = good;
    for (int i = 0; i < count; i++) {
      streams.add(new OneStream(channels.get(i % channels.size()), method));
    }
  }

  @Override
  public void begin(long number, Ended ended) {
    Q request = requests.apply(number);
    if (!streams.get((int) (number % streams.size())).send(request, ended)) {
      ended.ended(false);
    }
  }

  /** Ends the streams. */
  @Override
  public void close() {
    streams.forEach(OneStream::close);
  }

  private final class OneStream implements StreamObserver<A> {
    private final StreamObserver<Q> outgoing;

    @GuardedBy("this")
    private final Queue<Ended> waiting = new ArrayDeque<>();

    @GuardedBy("this")
    private boolean broken;

    OneStream(Channel channel, MethodDescriptor<Q, A> method) {
      outgoing =
          ClientCalls.asyncBidiStreamingCall(channel.newCall(method, CallOptions.DEFAULT), this);
    }

    /** Whether the stream took it. */
    synchronized boolean send(Q request, Ended ended) {
      if (broken) {
        return false;
      }
      waiting.add(ended);
      outgoing.onNext(request);
      return true;
    }

    @Override
    public void onNext(A answer) {
      Ended ended;
      synchronized (this) {
        ended = waiting.remove();
      }
      ended.ended(good.test(answer));
    }

    @Override
    public void onError(Throwable failure) {
      breakOff();
    }

    @Override
    public void onCompleted() {
      breakOff();
    }

    private void breakOff() {
      List<Ended> unanswered;
      synchronized (this) {
        broken = true;
        unanswered = List.copyOf(waiting);
        waiting.clear();
      }
      unanswered.forEach(ended -> ended.ended(false));
    }

    synchronized void close() {
      if (!broken) {
        broken = true;
        outgoing.onCompleted();
      }
    }
  }
}
