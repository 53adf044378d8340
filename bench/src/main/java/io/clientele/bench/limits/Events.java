package io.clientele.bench.limits;

import com.google.protobuf.util.Timestamps;
import io.clientele.bench.limits.Processes.Service;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.RecordEventsRequest;
import io.clientele.featurestore.v1.Verdict;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/**
 * Orders that never come twice, of customers whom nothing else asks about, so that what is recorded
 * does not change what is read. Thread-safe.
 */
final class Events {
  private static final int CUSTOMERS = 100_000;
  private static final int DAYS = 90;
  private static final long DAY_MS = Duration.ofDays(1).toMillis();

  private final int batch;
  private final long nowMs = System.currentTimeMillis();
  private final AtomicLong numbers = new AtomicLong();

  /**
   * @param batch events in a message
   */
  Events(int batch) {
    this.batch = batch;
  }

  /** A message of new orders, each of another customer. */
  RecordEventsRequest next() {
    long first = numbers.getAndAdd(batch);
    var request = RecordEventsRequest.newBuilder();
    for (long number = first; number < first + batch; number++) {
      request.addEvents(
          Event.newBuilder()
              .setCustomerId("recorded-" + number % CUSTOMERS)
              .setEventId(Long.toString(number))
              .setType("order")
              .setEventTime(Timestamps.fromMillis(nowMs - number % DAYS * DAY_MS))
              .putMeasures("amount", 10.0 + number % 100)
              .putMeasures("items", 1.0 + number % 3));
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
