package io.clientele.cli;

import com.google.protobuf.Timestamp;
import io.clientele.featurestore.v1.Correction;
import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.Labels;
import io.clientele.featurestore.v1.RecordEventsRequest;
import io.clientele.featurestore.v1.RecordEventsResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends events through {@code RecordEvents} in batches, with a bounded number of them unanswered.
 * When the store goes away or is full, it waits for it, up to a minute, and sends again what was
 * not answered, so that every event gets its one verdict. For one thread.
 */
final class EventSender implements AutoCloseable {
  private static final int BATCH_EVENTS = 500;
  private static final int BATCHES_IN_FLIGHT = 8;
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);
  private static final int ATTEMPTS = 30;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  private final ManagedChannel channel;
  private final LongConsumer progress;
  private final VerdictCounts counts = new VerdictCounts();
  private final Deque<RecordEventsRequest> unanswered = new ArrayDeque<>();
  private final List<Event> filling = new ArrayList<>(BATCH_EVENTS);
  private @Nullable Stream stream;
  private long sequence;

  /**
   * @param progress told how many events have a verdict, as it grows
   */
  EventSender(ManagedChannel channel, LongConsumer progress) {
    this.channel = channel;
    this.progress = progress;
  }

  /**
   * Sends an event, sooner or later.
   *
   * @throws StatusRuntimeException if the store refuses the stream or stays away
   */
  void send(LoggedEvent event) {
    filling.add(message(event));
    if (filling.size() == BATCH_EVENTS) {
      sendBatch();
    }
  }

  /** Sends what is left, waits for every answer and returns the verdicts. */
  VerdictCounts finish() {
    if (!filling.isEmpty()) {
      sendBatch();
    }
    while (!unanswered.isEmpty()) {
      takeAnswer();
    }
    close();
    return counts;
  }

  private void sendBatch() {
    while (unanswered.size() >= BATCHES_IN_FLIGHT) {
      takeAnswer();
    }
    RecordEventsRequest batch =
        RecordEventsRequest.newBuilder().setSequence(++sequence).addAllEvents(filling).build();
    filling.clear();
    unanswered.add(batch);
    if (stream == null) {
      stream = open();
    } else {
      stream.requests.onNext(batch);
    }
  }

  /** Takes the answer to the oldest batch, opening the stream anew where it broke. */
  private void takeAnswer() {
    Duration pause = FIRST_PAUSE;
    for (int attempt = 1; ; attempt++) {
      try {
        Stream current = stream == null ? open() : stream;
        stream = current;
        accept(current.take());
        return;
      } catch (StatusRuntimeException e) {
        stream = null;
        if (!isPassing(e.getStatus().getCode()) || attempt == ATTEMPTS) {
          throw e;
        }
        if (attempt == 1) {
          System.err.printf("%n%s: trying again for a minute%n", e.getMessage());
        }
        pause(pause);
        pause = pause.multipliedBy(2);
        if (pause.compareTo(LONGEST_PAUSE) > 0) {
          pause = LONGEST_PAUSE;
        }
      }
    }
  }

  /** Whether the store may take the same batch later. */
  private static boolean isPassing(Status.Code code) {
    return code == Status.Code.UNAVAILABLE || code == Status.Code.RESOURCE_EXHAUSTED;
  }

  private void accept(RecordEventsResponse answer) {
    RecordEventsRequest batch = unanswered.element();
    if (answer.getSequence() != batch.getSequence()) {
      throw Status.INTERNAL
          .withDescription(
              "sequence: " + answer.getSequence() + " (expected: " + batch.getSequence() + ")")
          .asRuntimeException();
    }
    unanswered.remove();
    counts.add(batch, answer);
    progress.accept(counts.total());
  }

  private Stream open() {
    Stream opened = new Stream(channel);
    unanswered.forEach(opened.requests::onNext);
    return opened;
  }

  private static void pause(Duration pause) {
    try {
      TimeUnit.NANOSECONDS.sleep(pause.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Status.CANCELLED.withDescription("interrupted").withCause(e).asRuntimeException();
    }
  }

  private static Event message(LoggedEvent event) {
    Event.Builder message =
        Event.newBuilder()
            .setCustomerId(event.customerId())
            .setEventId(event.eventId())
            .setType(event.type())
            .setEventTime(timestamp(event.timeMs()))
            .putAllMeasures(event.measures());
    event
        .dimensions()
        .forEach(
            (name, values) ->
                message.putDimensions(name, Labels.newBuilder().addAllValues(values).build()));
    if (event.correction() != null) {
      message.setCorrection(message(event.correction()));
    }
    return message.build();
  }

  private static Correction message(LoggedCorrection correction) {
    Correction.Kind kind =
        switch (correction.kind()) {
          case CANCEL -> Correction.Kind.CANCEL;
          case AMEND -> Correction.Kind.AMEND;
        };
    return Correction.newBuilder()
        .setKind(kind)
        .setCorrectedAt(timestamp(correction.correctedMs()))
        .build();
  }

  private static Timestamp timestamp(long timeMs) {
    return Timestamp.newBuilder()
        .setSeconds(Math.floorDiv(timeMs, 1_000L))
        .setNanos(Math.floorMod(timeMs, 1_000) * 1_000_000)
        .build();
  }

  @Override
  public void close() {
    if (stream != null) {
      stream.requests.onCompleted();
      stream = null;
    }
  }

  /** One opened stream: its answers wait in a queue until they are taken. */
  private static final class Stream implements StreamObserver<RecordEventsResponse> {
    /** What ended the stream, or an answer. */
    private sealed interface Arrival {}

    private record Answer(RecordEventsResponse response) implements Arrival {}

    private record End(Status status) implements Arrival {}

    private final BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
    private final StreamObserver<RecordEventsRequest> requests;

    Stream(ManagedChannel channel) {
      requests = FeatureStoreGrpc.newStub(channel).recordEvents(this);
    }

    RecordEventsResponse take() {
      Arrival arrival;
      try {
        arrival = arrivals.poll(ANSWER_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw Status.CANCELLED.withDescription("interrupted").withCause(e).asRuntimeException();
      }
      return switch (arrival) {
        case null -> {
          requests.onError(Status.CANCELLED.asRuntimeException());
          throw Status.UNAVAILABLE
              .withDescription("no answer within " + ANSWER_TIMEOUT)
              .asRuntimeException();
        }
        case Answer answer -> answer.response;
        case End end -> throw end.status.asRuntimeException();
      };
    }

    @Override
    public void onNext(RecordEventsResponse response) {
      arrivals.add(new Answer(response));
    }

    @Override
    public void onError(Throwable failure) {
      arrivals.add(new End(Status.fromThrowable(failure)));
    }

    @Override
    public void onCompleted() {
      arrivals.add(new End(Status.UNAVAILABLE.withDescription("the store ended the stream")));
    }
  }
}
