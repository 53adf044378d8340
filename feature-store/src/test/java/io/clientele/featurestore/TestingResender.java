package io.clientele.featurestore;

import io.clientele.featurestore.v1.Event;
import io.clientele.featurestore.v1.RecordEventsResponse;
import io.grpc.Channel;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * A producer as it should be: it sends again what was not answered, on a new stream, until all is.
 * What was answered it never sends again.
 */
final class TestingResender {
  private static final int IN_FLIGHT = 4;
  private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(60);

  private final Channel channel;
  private final List<List<Event>> batches;
  private int answered;
  private int streams;

  TestingResender(Channel channel, List<List<Event>> batches) {
    this.channel = channel;
    this.batches = batches;
  }

  /**
   * Sends everything.
   *
   * @param onAnswer told how many batches are answered by now
   */
  void run(IntConsumer onAnswer) {
    long endNs = System.nanoTime() + PATIENCE_NS;
    Queue<Integer> unanswered = new ArrayDeque<>();
    for (int i = 0; i < batches.size(); i++) {
      unanswered.add(i);
    }
    while (!unanswered.isEmpty()) {
      if (System.nanoTime() - endNs > 0) {
        throw new AssertionError(unanswered.size() + " batches are still not answered");
      }
      stream(unanswered, onAnswer);
      LockSupport.parkNanos(PAUSE_NS);
    }
  }

  private void stream(Queue<Integer> unanswered, IntConsumer onAnswer) {
    streams++;
    Set<Integer> sent = new LinkedHashSet<>();
    try (var producer = new TestingProducer(channel)) {
      while (!unanswered.isEmpty() || !sent.isEmpty()) {
        while (sent.size() < IN_FLIGHT && !unanswered.isEmpty()) {
          int next = unanswered.remove();
          sent.add(next);
          producer.send(TestingEvents.batch(next, batches.get(next)));
        }
        Optional<RecordEventsResponse> answer = producer.next();
        if (answer.isEmpty()) {
          break;
        }
        sent.remove((int) answer.get().getSequence());
        onAnswer.accept(++answered);
      }
    }
    unanswered.addAll(sent);
  }

  /** How many streams it took. */
  int streams() {
    return streams;
  }
}
