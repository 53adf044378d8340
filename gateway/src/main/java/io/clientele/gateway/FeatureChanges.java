package io.clientele.gateway;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import io.clientele.featurestore.v1.Change;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.WatchChangesRequest;
import io.clientele.featurestore.v1.WatchChangesResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the store's change feed and tells the score cache of it. Where the feed ends or is silent
 * for too long, it says that it is lost and goes on where it was, so that it hears of whom the
 * store forgot meanwhile; where that cannot be told, the cache is cleared. Thread-safe.
 */
final class FeatureChanges implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FeatureChanges.class);
  private static final long LONGEST_PERIOD_MS = 250;

  private final ManagedChannel featureStore;
  private final ScoreCache cache;
  private final long patienceNs;
  private final LongAdder changes = new LongAdder();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("gateway-feature-changes").factory());

  @GuardedBy("this")
  private @Nullable Watch current;

  @GuardedBy("this")
  private ByteString token = ByteString.EMPTY;

  @GuardedBy("this")
  private boolean told;

  @GuardedBy("this")
  private boolean closed;

  /** Digests of customers to forget, all that were heard of in one go, since it takes a while. */
  private final Queue<ByteString> forgotten = new ConcurrentLinkedQueue<>();

  FeatureChanges(ManagedChannel featureStore, ScoreCache cache, Duration patience) {
    this.featureStore = featureStore;
    this.cache = cache;
    this.patienceNs = patience.toNanos();
  }

  /** Begins to follow. */
  void start() {
    long periodMs = Math.clamp(TimeUnit.NANOSECONDS.toMillis(patienceNs) / 4, 1, LONGEST_PERIOD_MS);
    var _ = timer.scheduleWithFixedDelay(this::look, 0, periodMs, TimeUnit.MILLISECONDS);
  }

  /** Changes heard of so far. */
  long count() {
    return changes.sum();
  }

  private synchronized void look() {
    Watch watch = current;
    if (closed) {
      return;
    }
    if (watch == null) {
      watch = new Watch();
      current = watch;
      // On the timer's thread: a store in this process tells of a change while it holds what a
      // watch that is begun or ended here waits for.
      FeatureStoreGrpc.newStub(featureStore)
          .withExecutor(this::onTimer)
          .watchChanges(WatchChangesRequest.newBuilder().setToken(token).build(), watch);
    } else if (System.nanoTime() - watch.heardNs > patienceNs) {
      lose(watch, "it is silent");
      watch.cancel();
    }
  }

  private void onTimer(Runnable task) {
    try {
      timer.execute(task);
    } catch (RejectedExecutionException e) {
      // closed: nobody wants to hear of it
    }
  }

  private synchronized void hear(Watch watch, WatchChangesResponse response) {
    if (watch != current) {
      return;
    }
    if (response.getGap()) {
      cache.clear();
    }
    if (!response.getToken().isEmpty()) {
      token = response.getToken();
    }
    if (!watch.live || response.getGap()) {
      cache.feedLive();
      if (!watch.live && told) {
        log.info("the feature store's change feed is back");
      }
      told = false;
      watch.live = true;
    }
    for (Change change : response.getChangesList()) {
      if (change.getForgottenDigest().isEmpty()) {
        cache.changed(change.getCustomerId(), change.getFeatureVersion());
        changes.increment();
      } else {
        forgotten.add(change.getForgottenDigest());
        onTimer(this::forget);
      }
    }
  }

  /** The token is of another store: nothing is known of what was derived from it. */
  private synchronized void startOver() {
    token = ByteString.EMPTY;
    cache.clear();
  }

  /** Forgets all who wait for it, in one go. */
  private void forget() {
    Set<ByteString> digests = new HashSet<>();
    for (ByteString digest = forgotten.poll(); digest != null; digest = forgotten.poll()) {
      digests.add(digest);
    }
    if (!digests.isEmpty()) {
      cache.forget(digests);
      changes.add(digests.size());
    }
  }

  private synchronized void lose(Watch watch, String why) {
    if (watch != current) {
      return;
    }
    current = null;
    cache.feedLost();
    if (watch.live && !told) {
      told = true;
      log.warn("the feature store's change feed is lost: {}", why);
    }
  }

  @Override
  public void close() {
    Watch watch;
    synchronized (this) {
      closed = true;
      watch = current;
      current = null;
    }
    timer.shutdownNow();
    if (watch != null) {
      watch.cancel();
    }
  }

  /** One call, from its begin to its end. */
  private final class Watch
      implements ClientResponseObserver<WatchChangesRequest, WatchChangesResponse> {
    private volatile long heardNs = System.nanoTime();
    private volatile @Nullable ClientCallStreamObserver<WatchChangesRequest> call;

    /** Whether it has been answered; by who holds the lock. */
    private boolean live;

    @Override
    public void beforeStart(ClientCallStreamObserver<WatchChangesRequest> stream) {
      call = stream;
    }

    @Override
    public void onNext(WatchChangesResponse response) {
      heardNs = System.nanoTime();
      hear(this, response);
    }

    @Override
    public void onError(Throwable failure) {
      Status status = Status.fromThrowable(failure);
      if (status.getCode() == Status.Code.INVALID_ARGUMENT) {
        startOver();
      }
      lose(this, status.toString());
    }

    @Override
    public void onCompleted() {
      lose(this, "it ended");
    }

    void cancel() {
      ClientCallStreamObserver<WatchChangesRequest> stream = call;
      if (stream != null) {
        stream.cancel("not wanted any more", null);
      }
    }
  }
}
