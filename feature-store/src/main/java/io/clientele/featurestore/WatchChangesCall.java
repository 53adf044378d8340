package io.clientele.featurestore;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import io.clientele.featurestore.store.ChangeFeed;
import io.clientele.featurestore.store.FeedEntry;
import io.clientele.featurestore.store.FeedWatch;
import io.clientele.featurestore.v1.Change;
import io.clientele.featurestore.v1.WatchChangesRequest;
import io.clientele.featurestore.v1.WatchChangesResponse;
import io.clientele.grpc.ErrorPolicy;
import io.grpc.stub.ServerCallStreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * One caller's view of the feed: sends what waits for as long as the caller takes it, and lets the
 * rest wait. Thread-safe.
 */
final class WatchChangesCall implements FeedWatch.Listener {
  private static final int MAX_CHANGES = 1_000;

  private final ServerCallStreamObserver<WatchChangesResponse> call;

  @GuardedBy("this")
  private @Nullable FeedWatch watch;

  @GuardedBy("this")
  private ByteString token = ByteString.EMPTY;

  @GuardedBy("this")
  private boolean ended;

  private WatchChangesCall(ServerCallStreamObserver<WatchChangesResponse> call) {
    this.call = call;
  }

  static void open(
      ServerCallStreamObserver<WatchChangesResponse> call,
      ChangeFeed feed,
      WatchChangesRequest request) {
    var watching = new WatchChangesCall(call);
    call.setOnReadyHandler(watching::ready);
    call.setOnCancelHandler(watching::cancel);
    watching.begin(feed, request);
  }

  private synchronized void begin(ChangeFeed feed, WatchChangesRequest request) {
    try {
      watch = feed.watch(request.getToken(), this);
    } catch (RuntimeException e) {
      ended(e);
    }
  }

  @Override
  public synchronized void ready() {
    FeedWatch source = watch;
    while (!ended && source != null && call.isReady()) {
      FeedWatch.Batch batch = source.take(MAX_CHANGES);
      if (batch == null) {
        return;
      }
      call.onNext(response(batch));
    }
  }

  @GuardedBy("this")
  private WatchChangesResponse response(FeedWatch.Batch batch) {
    var response = WatchChangesResponse.newBuilder().setGap(batch.gap());
    for (FeedEntry entry : batch.changes()) {
      response.addChanges(change(entry));
    }
    if (!batch.token().equals(token)) {
      token = batch.token();
      response.setToken(token);
    }
    return response.build();
  }

  private static Change change(FeedEntry entry) {
    var change = Change.newBuilder().setFeatureVersion(entry.version());
    if (entry.forgotten()) {
      change.setForgottenDigest(ByteString.copyFrom(entry.digest()));
    } else {
      change.setCustomerId(entry.customerId()).addAllWhat(entry.what());
    }
    return change.build();
  }

  @Override
  public synchronized void ended(Throwable cause) {
    if (!ended) {
      ended = true;
      call.onError(ErrorPolicy.toStatus(cause));
    }
  }

  private synchronized void cancel() {
    ended = true;
    FeedWatch source = watch;
    if (source != null) {
      source.close();
    }
  }
}
