package io.clientele.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultEventExecutor;
import io.grpc.netty.shaded.io.netty.util.internal.ThreadExecutorMap;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class BurstsTest {
  private record Batch(List<Integer> items, Thread thread) {}

  private final DefaultEventExecutor loop = new DefaultEventExecutor();
  private final BlockingQueue<Batch> batches = new LinkedBlockingQueue<>();
  private final Bursts<Integer> bursts =
      new Bursts<>(items -> batches.add(new Batch(items, Thread.currentThread())));

  @AfterEach
  void stop() throws InterruptedException {
    assertThat(loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS))
        .isTrue();
  }

  @Test
  void handsOnTogetherWhatOneTurnOfTheLoopHasBrought() throws Exception {
    Future<Thread> turn =
        loop.submit(
            () -> {
              assertThat(bursts.add(1)).isTrue();
              assertThat(bursts.add(2)).isTrue();
              assertThat(batches).isEmpty();
              return Thread.currentThread();
            });
    Thread thread = turn.get();
    assertThat(batches.take()).isEqualTo(new Batch(List.of(1, 2), thread));
    loop.submit(() -> bursts.add(3)).get();
    assertThat(batches.take()).isEqualTo(new Batch(List.of(3), thread));
  }

  @Test
  void gathersAnewWhatABatchItselfBrings() throws Exception {
    List<List<Integer>> taken = new ArrayList<>();
    List<Bursts<Integer>> endless = new ArrayList<>();
    endless.add(
        new Bursts<>(
            items -> {
              taken.add(items);
              if (items.getFirst() < 3) {
                items.forEach(item -> endless.getFirst().add(item + 1));
              }
            }));
    loop.submit(
            () -> {
              endless.getFirst().add(1);
              endless.getFirst().add(10);
            })
        .get();
    while (loop.submit(taken::size).get() < 3) {
      Thread.onSpinWait();
    }
    assertThat(taken).containsExactly(List.of(1, 10), List.of(2, 11), List.of(3, 12));
  }

  @Test
  void handsOnAtOnceWhereTheLoopHasEnded() throws Exception {
    assertThat(loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS))
        .isTrue();
    Thread last =
        new Thread(
            ThreadExecutorMap.apply(
                () -> {
                  bursts.add(1);
                  bursts.add(2);
                },
                loop));
    last.start();
    last.join();
    assertThat(batches).containsExactly(new Batch(List.of(1), last), new Batch(List.of(2), last));
  }

  @Test
  void takesNothingOfOtherThreads() throws InterruptedException, ExecutionException {
    assertThat(bursts.add(1)).isFalse();
    loop.submit(() -> {}).get();
    assertThat(batches).isEmpty();
  }
}
