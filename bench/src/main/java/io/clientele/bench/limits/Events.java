package io.clientele.bench.limits;

import com.google.protobuf.util.Timestamps;
import io.clientele.bench.limits.Processes.Service;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.Labels;
import io.clientele.featurestore.v1.RecordEventsRequest;
import io.clientele.featurestore.v1.Verdict;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/**
 * Events that never come twice, of customers whom nothing else asks about, so that what is recorded
 * does not change what is read. Thread-safe.
 */
final class Events {
  private static final int BUYERS = 100_000;
  private static final int VISITORS = 4_000; // few, so that each soon has as many as are known
  private static final int DAYS = 90;
  private static final long DAY_MS = Duration.ofDays(1).toMillis();

  private final int batch;
  private final LongFunction<Event.Builder> events;
  private final AtomicLong numbers = new AtomicLong();

  private Events(int batch, LongFunction<Event.Builder> events) {
    this.batch = batch;
    this.events = events;
  }

  /**
   * New orders of the last 90 days, each of another of 100,000 customers.
   *
   * @param batch events in a message
   */
  static Events orders(int batch) {
    long nowMs = System.currentTimeMillis();
    return new Events(
        batch,
        number ->
            Event.newBuilder()
                .setCustomerId("buyer-" + number % BUYERS)
                .setType("order")
                .setEventTime(Timestamps.fromMillis(nowMs - number % DAYS * DAY_MS))
                .putMeasures("amount", 10.0 + number % 100)
                .putMeasures("items", 1.0 + number % 3));
  }

  /**
   * Page views of now, each of another of 4,000 customers.
   *
   * @param batch events in a message
   */
  static Events views(int batch) {
    return new Events(
        batch,
        number ->
            Event.newBuilder()
                .setCustomerId("visitor-" + number % VISITORS)
                .setType("view")
                .setEventTime(Timestamps.fromMillis(System.currentTimeMillis()))
                .putDimensions(
                    "category", Labels.newBuilder().addValues("category-" + number % 7).build()));
  }

  /** A message of new ones. */
  RecordEventsRequest next() {
    long first = numbers.getAndAdd(batch);
    var request = RecordEventsRequest.newBuilder();
    for (long number = first; number < first + batch; number++) {
      request.addEvents(events.apply(number).setEventId(Long.toString(number)));
    }
    return request.build();
  }

  /** Records messages on so many streams. Good is an answer that says that all were applied. */
  static Call call(Service featureStore, int streams, LongFunction<RecordEventsRequest> requests) {
    return new StreamedCall<>(
        featureStore.channels(),
        streams,
        FeatureStoreGrpc.getRecordEventsMethod(),
        requests,
        answer ->
            answer.getVerdictsList().stream().allMatch(verdict -> verdict == Verdict.APPLIED));
  }
}
