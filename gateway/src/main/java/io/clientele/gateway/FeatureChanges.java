package io.clientele.gateway;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clientele.featurestore.v1.Change;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.WatchChangesRequest;
import io.clientele.featurestore.v1.WatchChangesResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the store's change feed and tells the score cache of it. Where the feed ends or is silent
 * for too long, it says that it is lost and begins anew; it needs no token, since scores from
 * before are not trusted then. Thread-safe.
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
  private boolean told;

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
    if (watch == null) {
      watch = new Watch();
      current = watch;
      FeatureStoreGrpc.newStub(featureStore)
          .watchChanges(WatchChangesRequest.getDefaultInstance(), watch);
    } else if (System.nanoTime() - watch.heardNs > patienceNs) {
      lose(watch, "it is silent");
      watch.cancel();
    }
  }

  private synchronized void hear(Watch watch, WatchChangesResponse response) {
    if (watch != current) {
      return;
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
      } else {
        cache.forget(change.getForgottenDigest());
      }
      changes.increment();
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
    timer.shutdownNow();
    Watch watch;
    synchronized (this) {
      watch = current;
      current = null;
    }
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
      lose(this, Status.fromThrowable(failure).toString());
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
