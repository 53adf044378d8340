package io.clientele.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.clientele.grpc.OverloadedException;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OrderedStreamTest {
  private static final int WINDOW = 3;

  private final TestingCallObserver<String> observer = new TestingCallObserver<>();
  private final List<CompletableFuture<String>> work = new ArrayList<>();
  private final OrderedStream<String, String> stream =
      new OrderedStream<>(
          observer,
          request -> {
            CompletableFuture<String> answer = new CompletableFuture<>();
            work.add(answer);
            return answer;
          },
          WINDOW);

  private void send(int requests) {
    for (int i = 0; i < requests; i++) {
      stream.onNext("request");
    }
  }

  @Test
  void asksForAWindowAndThenForOneAnAnswer() {
    assertThat(observer.requested).isEqualTo(WINDOW);
    send(2);

    work.get(0).complete("first");

    assertThat(observer.requested).isEqualTo(WINDOW + 1);
  }

  @Test
  void keepsTheOrder() {
    send(3);

    work.get(2).complete("third");
    work.get(1).complete("second");
    assertThat(observer.answers).isEmpty();
    work.get(0).complete("first");

    assertThat(observer.answers).containsExactly("first", "second", "third");
  }

  @Test
  void holdsAnswersBackFromACallerWhoDoesNotReadAndAsksForNoMore() {
    observer.ready = false;
    send(2);
    work.get(0).complete("first");
    work.get(1).complete("second");
    assertThat(observer.answers).isEmpty();
    assertThat(observer.requested).isEqualTo(WINDOW);

    observer.becomeReady();

    assertThat(observer.answers).containsExactly("first", "second");
    assertThat(observer.requested).isEqualTo(WINDOW + 2);
  }

  @Test
  void endsAfterTheLastAnswer() {
    send(1);
    stream.onCompleted();
    assertThat(observer.completed).isFalse();

    work.get(0).complete("first");

    assertThat(observer.answers).containsExactly("first");
    assertThat(observer.completed).isTrue();
  }

  @Test
  void endsWithAFailureAfterTheAnswersBeforeIt() {
    send(3);

    work.get(1).completeExceptionally(new OverloadedException("queue", 5));
    work.get(2).complete("third");
    assertThat(observer.failure).isNull();
    work.get(0).complete("first");
    stream.onCompleted();

    assertThat(observer.answers).containsExactly("first");
    assertThat(Status.fromThrowable(observer.failure).getCode())
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(observer.completed).isFalse();
  }

  @Test
  void saysNothingToACallerWhoIsGone() {
    send(2);

    observer.cancel();
    work.get(0).complete("first");
    work.get(1).completeExceptionally(new OverloadedException("queue", 5));
    stream.onError(Status.CANCELLED.asRuntimeException());

    assertThat(observer.answers).isEmpty();
    assertThat(observer.failure).isNull();
  }

  @Test
  void keepsTheOrderWhereManyThreadsComplete() throws InterruptedException {
    int requests = 5_000;
    send(requests);
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < requests; i++) {
        int number = i;
        threads.execute(() -> work.get(number).complete("answer " + number));
      }
      threads.shutdown();
      assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }
    stream.onCompleted();

    assertThat(observer.completed).isTrue();
    for (int i = 0; i < requests; i++) {
      assertThat(observer.answers.get(i)).isEqualTo("answer " + i);
    }
  }
}
