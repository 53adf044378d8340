package io.clientele.featurestore.store;

import static io.clientele.featurestore.store.TestingOrders.PLAN;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clientele.grpc.Metrics;
import io.clientele.grpc.OverloadedException;
import io.clientele.grpc.UnavailableException;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.params.ClientKillParams;

/** Reads that event loops make. Customer {@code c7} is at version 8. */
final class LoopLinksTest {
  private static final int CUSTOMERS = 50;
  private static final CustomerKeys KEYS = new CustomerKeys(RedisSettings.DEFAULT_BUCKETS);

  /** What came of a read, and on which thread. */
  private record Answer(List<Long> versions, Thread thread) {}

  /** A read, and whether it was answered while the loop slept. */
  private record Asked(
      CompletableFuture<Answer> answer, CompletableFuture<Boolean> answeredMeanwhile) {}

  @TempDir private Path directory;
  private final Metrics metrics = Metrics.start(null);
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final EventLoop loop = loops.next();
  private RedisProcess redis;
  private Jedis client;
  private CustomerStore store;

  @BeforeEach
  void start() throws IOException {
    redis = RedisProcess.start(directory, 0);
    client = new Jedis(redis.uri());
    for (int i = 0; i < CUSTOMERS; i++) {
      client.hset(key("c" + i), "v".getBytes(US_ASCII), Integer.toString(i + 1).getBytes(US_ASCII));
    }
    store = open(RedisSettings.on(redis.uri()).withTimeout(Duration.ofMillis(500)));
  }

  @AfterEach
  void stop() throws InterruptedException {
    store.close();
    client.close();
    redis.close();
    assertThat(loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS))
        .isTrue();
    metrics.close();
  }

  private CustomerStore open(RedisSettings settings) {
    return CustomerStore.open(
        settings, ChangeSettings.DEFAULT, PLAN, InstantSource.system(), metrics);
  }

  @Test
  void readOnTheLoopItself() throws Exception {
    Thread thread = awaitOwnConnection();
    List<CompletableFuture<Answer>> burst =
        loop.submit(() -> List.of(read("c1"), read("c2", "nobody", "c1"))).get();

    assertThat(burst.get(0).join()).isEqualTo(new Answer(List.of(2L), thread));
    assertThat(burst.get(1).join()).isEqualTo(new Answer(List.of(3L, 0L, 2L), thread));
  }

  @Test
  void leaveLargeReadsToTheLanes() throws Exception {
    awaitOwnConnection();
    String[] many =
        IntStream.range(0, LoopLink.MAX_CUSTOMERS + 1)
            .mapToObj(i -> "c" + i % CUSTOMERS)
            .toArray(String[]::new);

    // The loop waits, so that it cannot be what answers.
    Answer answer = loop.submit(() -> read(many).get(10, TimeUnit.SECONDS)).get();

    assertThat(answer.versions()).isEqualTo(versions(many));
  }

  @Test
  void failOnlyTheReaderOfWhatIsNoCustomer() throws Exception {
    awaitOwnConnection();
    client.set(key("odd"), new byte[] {1});

    List<CompletableFuture<Answer>> burst =
        loop.submit(() -> List.of(read("c1"), read("c2", "odd"), read("c3"))).get();

    assertThatThrownBy(() -> burst.get(1).get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(UnavailableException.class)
        .hasMessageContaining("WRONGTYPE");
    assertThat(burst.get(0).join().versions()).containsExactly(2L);
    assertThat(burst.get(2).join().versions()).containsExactly(4L);
  }

  @Test
  void failInTimeWhileRedisHangsAndRecover() throws Exception {
    awaitOwnConnection();
    signal("STOP");
    try {
      assertThatThrownBy(() -> readOn(loop, "c1").get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(UnavailableException.class);
    } finally {
      signal("CONT");
    }
    awaitOwnConnection();
  }

  @Test
  void refuseWhatIsTooMuch() throws Exception {
    RedisSettings few =
        new RedisSettings(
            redis.uri(),
            RedisAccess.BY_URI,
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            RedisSettings.DEFAULT_BUCKETS,
            1,
            1,
            2,
            2,
            0,
            0);
    store.close();
    store = open(few);
    List<CompletableFuture<Answer>> burst =
        loop.submit(() -> List.of(read("c1"), read("c2", "c3"), read("c4"))).get();

    assertThatThrownBy(() -> burst.get(1).get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(OverloadedException.class);
    assertThat(burst.get(0).join().versions()).containsExactly(2L);
    assertThat(burst.get(2).join().versions()).containsExactly(5L);
  }

  @Test
  void openNothingOnceTheyAreClosed() throws Exception {
    store.close();

    assertThatThrownBy(() -> readOn(loop, "c1").get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(UnavailableException.class);

    long endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(300);
    while (System.nanoTime() < endNs) {
      assertThat(client.clientList()).doesNotContain("name=clientele-loop");
      Thread.sleep(10);
    }
  }

  @Test
  void giveEachCallerItsOwnCustomersThoughConnectionsBreak() throws Exception {
    awaitOwnConnection();
    List<Executor> callers = List.of(loop, loops.next(), Runnable::run);
    var random = new Random(7);
    List<String[]> asked = new ArrayList<>();
    List<CompletableFuture<Answer>> answers = new ArrayList<>();
    for (int round = 0; round < 600; round++) {
      String[] customers =
          random
              .ints(1 + random.nextInt(4), 0, CUSTOMERS)
              .mapToObj(i -> "c" + i)
              .toArray(String[]::new);
      asked.add(customers);
      answers.add(readOn(callers.get(random.nextInt(callers.size())), customers));
      if (round % 50 == 49) {
        client.clientKill(ClientKillParams.clientKillParams().type(ClientType.NORMAL));
        awaitOwnConnection();
      }
    }

    int answered = 0;
    for (int i = 0; i < answers.size(); i++) {
      try {
        assertThat(answers.get(i).orTimeout(10, TimeUnit.SECONDS).join().versions())
            .isEqualTo(versions(asked.get(i)));
        answered++;
      } catch (CompletionException e) {
        assertThat(e).hasCauseInstanceOf(UnavailableException.class);
      }
    }
    assertThat(answered).isGreaterThan(answers.size() / 2);
  }

  /** Waits until the loop reads itself; returns its thread. */
  private Thread awaitOwnConnection() throws Exception {
    Thread thread = loop.submit(Thread::currentThread).get();
    long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (System.nanoTime() < endNs) {
      try {
        if (readsItself()) {
          return thread;
        }
      } catch (ExecutionException e) {
        assertThat(e).hasCauseInstanceOf(UnavailableException.class);
      }
      Thread.sleep(10);
    }
    throw new AssertionError("the loop does not read itself");
  }

  /** Whether a read is not answered for as long as the loop sleeps after having taken it on. */
  private boolean readsItself() throws Exception {
    Asked asked = loop.submit(this::ask).get();
    assertThat(asked.answer().get(10, TimeUnit.SECONDS).versions()).containsExactly(2L);
    return !asked.answeredMeanwhile().get(10, TimeUnit.SECONDS);
  }

  private Asked ask() {
    var asked = new Asked(read("c1"), new CompletableFuture<>());
    loop.execute(
        () -> {
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
          asked.answeredMeanwhile().complete(asked.answer().isDone());
        });
    return asked;
  }

  private CompletableFuture<Answer> readOn(Executor executor, String... customers) {
    return CompletableFuture.completedFuture(customers).thenComposeAsync(this::read, executor);
  }

  private CompletableFuture<Answer> read(String... customers) {
    return store
        .read(List.of(customers), List.of(), () -> false)
        .thenApply(
            states ->
                new Answer(
                    states.stream().map(StoredState::version).toList(), Thread.currentThread()));
  }

  private static List<Long> versions(String... customers) {
    return Arrays.stream(customers).map(id -> Long.parseLong(id.substring(1)) + 1).toList();
  }

  private static byte[] key(String customer) {
    return KEYS.of(customer).state();
  }

  private void signal(String name) throws IOException, InterruptedException {
    var kill = new ProcessBuilder("kill", "-" + name, Long.toString(redis.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }
}
