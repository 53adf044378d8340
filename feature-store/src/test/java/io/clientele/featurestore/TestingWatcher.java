package io.clientele.featurestore;

import com.google.protobuf.ByteString;
import io.clientele.featurestore.v1.Change;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.WatchChangesRequest;
import io.clientele.featurestore.v1.WatchChangesResponse;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One WatchChanges stream, seen from the caller. */
final class TestingWatcher implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;

  private final BlockingQueue<WatchChangesResponse> answers = new LinkedBlockingQueue<>();
  private final CompletableFuture<Status> end = new CompletableFuture<>();
  private final Context.CancellableContext context = Context.current().withCancellation();
  private ByteString token;
  private boolean gap;

  /** Watches, and waits until the watch is live. */
  TestingWatcher(Channel channel, ByteString from) {
    token = from;
    context.run(
        () ->
            FeatureStoreGrpc.newStub(channel)
                .watchChanges(
                    WatchChangesRequest.newBuilder().setToken(from).build(),
                    new StreamObserver<>() {
                      @Override
                      public void onNext(WatchChangesResponse answer) {
                        answers.add(answer);
                      }

                      @Override
                      public void onError(Throwable failure) {
                        end.complete(Status.fromThrowable(failure));
                      }

                      @Override
                      public void onCompleted() {
                        end.complete(Status.OK);
                      }
                    }));
  }

  static TestingWatcher live(Channel channel) {
    var watcher = new TestingWatcher(channel, ByteString.EMPTY);
    watcher.next();
    return watcher;
  }

  /** The next answer, whatever is in it. */
  WatchChangesResponse next() {
    try {
      WatchChangesResponse answer = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (answer == null) {
        throw new AssertionError("no answer; the stream's end: " + end.getNow(Status.UNKNOWN));
      }
      if (!answer.getToken().isEmpty()) {
        token = answer.getToken();
      }
      gap |= answer.getGap();
      return answer;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** The next so many changes, over as many answers as they come in. */
  List<Change> changes(int count) {
    var changes = new ArrayList<Change>();
    while (changes.size() < count) {
      changes.addAll(next().getChangesList());
    }
    return changes;
  }

  /** Waits for an answer that tells of a gap. */
  void awaitGap() {
    while (!gap) {
      next();
    }
  }

  /** Whether an answer told of a gap. */
  boolean gap() {
    return gap;
  }

  /** Of the last answer that had one. */
  ByteString token() {
    return token;
  }

  /** How the stream ends. */
  Status end() {
    return end.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    context.cancel(null);
  }
}
