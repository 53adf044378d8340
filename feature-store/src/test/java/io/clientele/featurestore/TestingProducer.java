package io.clientele.featurestore;

import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.RecordEventsRequest;
import io.clientele.featurestore.v1.RecordEventsResponse;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One RecordEvents stream, seen from the caller. */
final class TestingProducer implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;

  private final BlockingQueue<Optional<RecordEventsResponse>> answers = new LinkedBlockingQueue<>();
  private final CompletableFuture<Status> end = new CompletableFuture<>();
  private final StreamObserver<RecordEventsRequest> requests;

  TestingProducer(Channel channel) {
    requests =
        FeatureStoreGrpc.newStub(channel)
            .recordEvents(
                new StreamObserver<>() {
                  @Override
                  public void onNext(RecordEventsResponse answer) {
                    answers.add(Optional.of(answer));
                  }

                  @Override
                  public void onError(Throwable failure) {
                    ended(Status.fromThrowable(failure));
                  }

                  @Override
                  public void onCompleted() {
                    ended(Status.OK);
                  }
                });
  }

  /** Records all events on a stream of their own, in batches, and returns the answers. */
  static List<RecordEventsResponse> recordAll(Channel channel, List<Event> events, int batchSize) {
    try (var producer = new TestingProducer(channel)) {
      List<List<Event>> batches = TestingEvents.batches(events, batchSize);
      for (int i = 0; i < batches.size(); i++) {
        producer.send(TestingEvents.batch(i, batches.get(i)));
      }
      return batches.stream().map(batch -> producer.answer()).toList();
    }
  }

  static RecordEventsResponse record(Channel channel, Event... events) {
    return recordAll(channel, List.of(events), events.length).getFirst();
  }

  void send(RecordEventsRequest request) {
    requests.onNext(request);
  }

  private void ended(Status status) {
    end.complete(status);
    answers.add(Optional.empty());
  }

  /** The next answer; fails if the stream ends instead. */
  RecordEventsResponse answer() {
    return next()
        .orElseThrow(
            () -> new AssertionError("no answer; the stream's end: " + end.getNow(Status.UNKNOWN)));
  }

  /** The next answer; empty if the stream ends instead. */
  Optional<RecordEventsResponse> next() {
    try {
      Optional<RecordEventsResponse> answer = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (answer == null) {
        throw new AssertionError("no answer in " + PATIENCE_SECONDS + " s");
      }
      return answer;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** How many answers came that were not asked for, on a stream that has ended. */
  int answersLeft() {
    return answers.size() - 1;
  }

  /** How the stream ends. */
  Status end() {
    return end.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    if (!end.isDone()) {
      requests.onCompleted();
    }
  }
}
