package io.clientele.gateway;

import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The server's side of a stream whose caller reads and asks as a test says. */
final class TestingCallObserver<R> extends ServerCallStreamObserver<R> {
  final List<R> answers = new ArrayList<>();
  int requested;
  boolean ready = true;
  boolean completed;
  @Nullable Throwable failure;
  private boolean cancelled;
  private Runnable onReady = () -> {};
  private Runnable onCancel = () -> {};

  void becomeReady() {
    ready = true;
    onReady.run();
  }

  void cancel() {
    cancelled = true;
    onCancel.run();
  }

  @Override
  public void onNext(R answer) {
    requireOpen();
    answers.add(answer);
  }

  @Override
  public void onError(Throwable reason) {
    requireOpen();
    failure = reason;
  }

  @Override
  public void onCompleted() {
    requireOpen();
    completed = true;
  }

  private void requireOpen() {
    if (completed || failure != null || cancelled) {
      throw new IllegalStateException("the stream has ended");
    }
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  @Override
  public void setOnCancelHandler(Runnable handler) {
    onCancel = handler;
  }

  @Override
  public void setOnReadyHandler(Runnable handler) {
    onReady = handler;
  }

  @Override
  public boolean isReady() {
    return ready;
  }

  @Override
  public void request(int count) {
    requested += count;
  }

  @Override
  public void disableAutoRequest() {}

  @Override
  @Deprecated
  public void disableAutoInboundFlowControl() {}

  @Override
  public void setCompression(String compression) {}

  @Override
  public void setMessageCompression(boolean enable) {}
}
