package io.clientele.featurestore.statistics;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.engine.FeatureSelection;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import io.clientele.grpc.OverloadedException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Statistics of what live reads answer. Thread-safe.
 *
 * <p>A read hands its answer over and goes on: it takes no lock, wakes nobody, and copies nothing.
 * One thread comes by every 100 ms and adds to the distributions, which nothing else touches; the
 * rate bounds its work. Answers above the rate, or that the full queue has no room for, are not
 * counted.
 */
public final class LiveStatistics implements AutoCloseable {
  /** Answers that may wait to be counted. */
  static final int MAX_WAITING = 1_024;

  private static final Logger log = LoggerFactory.getLogger(LiveStatistics.class);
  private static final int MAX_QUESTIONS = 64;
  private static final long PERIOD_MS = 100;

  private final Instant since;
  private final RowRate rate;
  private final Queue<Sample> waiting = new ConcurrentLinkedQueue<>();
  private final Semaphore room = new Semaphore(MAX_WAITING);
  private final BlockingQueue<Runnable> questions = new ArrayBlockingQueue<>(MAX_QUESTIONS);
  private final LongAdder rowsRead = new LongAdder();
  private final List<FeatureDistribution> features;
  private final Thread thread;
  private long rowsSampled;
  private volatile boolean closed;

  private LiveStatistics(Catalog catalog, int rowsPerSecond, InstantSource clock) {
    since = clock.instant();
    rate = new RowRate(rowsPerSecond, System.nanoTime());
    features =
        catalog.features().stream()
            .map(feature -> new FeatureDistribution(feature.name()))
            .toList();
    thread = Thread.ofPlatform().name("feature-statistics").daemon().unstarted(this::run);
  }

  /**
   * @param rowsPerSecond customers' rows that are counted, at most; 0 for none
   */
  public static LiveStatistics start(Catalog catalog, int rowsPerSecond, InstantSource clock) {
    var statistics = new LiveStatistics(catalog, rowsPerSecond, clock);
    statistics.thread.start();
    return statistics;
  }

  /**
   * Takes an answer to be counted, if there is room for it.
   *
   * @param selection its columns
   * @param known its rows of known customers
   * @param nowNs {@link System#nanoTime}
   */
  public void offer(FeatureSelection selection, GetFeaturesResponse answer, int known, long nowNs) {
    if (known == 0) {
      return;
    }
    rowsRead.add(known);
    if (rate.admits(known, nowNs) && room.tryAcquire()) {
      waiting.add(new Sample(selection, answer));
    }
  }

  /**
   * Asks something of the statistics, all answers taken before this call counted.
   *
   * @param question runs on the thread that counts; keeps nothing of what it is given
   * @throws OverloadedException if too many ask
   */
  public <T> CompletableFuture<T> ask(Function<Statistics, T> question) {
    var answer = new CompletableFuture<T>();
    Runnable asked =
        () -> {
          try {
            answer.complete(
                question.apply(new Statistics(since, rowsRead.sum(), rowsSampled, features)));
          } catch (Throwable failure) {
            answer.completeExceptionally(failure);
          }
        };
    if (!questions.offer(asked)) {
      throw new OverloadedException("statistics queue", MAX_QUESTIONS);
    }
    if (closed && questions.remove(asked)) {
      answer.cancel(false);
    }
    return answer;
  }

  private void run() {
    while (!closed) {
      try {
        Runnable question = questions.poll(PERIOD_MS, TimeUnit.MILLISECONDS);
        count();
        if (question != null) {
          question.run();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void count() {
    for (Sample sample = waiting.poll(); sample != null; sample = waiting.poll()) {
      room.release();
      try {
        rowsSampled += sample.addTo(features);
      } catch (RuntimeException e) {
        log.error("an answer could not be counted", e);
      }
    }
  }

  /** Stops counting, and answers what has been asked. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    for (Runnable asked = questions.poll(); asked != null; asked = questions.poll()) {
      asked.run();
    }
  }
}
