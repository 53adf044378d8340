package io.clientele.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Channel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WarmUpTest {
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Queue<HealthCheckResponse> answers = new ConcurrentLinkedQueue<>();
  private @Nullable HostPort address;

  private static ServerSettings atMost(Duration warmUp) {
    return new ServerSettings(
        new HostPort("127.0.0.1", 7999), 1 << 20, Duration.ofSeconds(10), warmUp);
  }

  /** A rehearsal that is there, with a service of no use to anybody. */
  private ServerProcess.Running rehearsal(ServerSettings settings) {
    GrpcServer server = GrpcServer.start("rehearsal", settings, Metrics.start(null), null);
    server.serving(true);
    address = server.address();
    return new ServerProcess.Running() {
      @Override
      public HostPort address() {
        return server.address();
      }

      @Override
      public void whenServing(Runnable action) {
        server.whenServing(action);
      }

      @Override
      public void close() {
        server.close();
        closed.set(true);
      }
    };
  }

  private void check(Channel channel) {
    calls.getAndIncrement();
    answers.add(HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance()));
  }

  @Test
  void callsARehearsalOnAPortOfItsOwnUntilCallsGetNoFaster() {
    WarmUp.run("test", atMost(Duration.ofHours(1)), this::rehearsal, this::check);

    assertThat(calls).hasPositiveValue();
    assertThat(address).isNotNull().isNotEqualTo(atMost(Duration.ZERO).listen());
    assertThat(closed).isTrue();
  }

  @Test
  void doesNotParseAnswers() {
    WarmUp.run("test", atMost(Duration.ofMillis(300)), this::rehearsal, this::check);

    assertThat(answers)
        .isNotEmpty()
        .allSatisfy(
            answer -> assertThat(answer).isEqualTo(HealthCheckResponse.getDefaultInstance()));
  }

  @Test
  void doesNotCountTheTimeThatTheRehearsalTakesToStart() {
    Duration limit = Duration.ofMillis(300);
    WarmUp.run(
        "test",
        atMost(limit),
        settings -> {
          LockSupport.parkNanos(2 * limit.toNanos());
          return rehearsal(settings);
        },
        this::check);

    assertThat(calls).hasPositiveValue();
  }

  @Test
  void doesNothingInNoTime() {
    WarmUp.run("test", atMost(Duration.ZERO), this::rehearsal, this::check);

    assertThat(address).isNull();
    assertThat(calls).hasValue(0);
  }

  @Test
  void leavesTheStartAloneWhereACallFails() {
    WarmUp.run(
        "test",
        atMost(Duration.ofHours(1)),
        this::rehearsal,
        channel -> {
          throw new IllegalStateException("call " + calls.getAndIncrement());
        });

    assertThat(calls).hasPositiveValue();
    assertThat(closed).isTrue();
  }

  @Test
  void leavesTheStartAloneWhereTheRehearsalDoesNotStart() {
    WarmUp.run(
        "test",
        atMost(Duration.ofHours(1)),
        settings -> {
          throw new IllegalStateException("no port");
        },
        this::check);

    assertThat(calls).hasValue(0);
  }

  @Test
  void endsInTimeWhereACallDoesNot() {
    WarmUp.run(
        "test",
        atMost(Duration.ofMillis(300)),
        this::rehearsal,
        channel -> {
          calls.getAndIncrement();
          // A watch goes on for as long as its caller wants.
          HealthGrpc.newBlockingStub(channel)
              .watch(HealthCheckRequest.getDefaultInstance())
              .forEachRemaining(status -> {});
        });

    assertThat(calls).hasPositiveValue();
    assertThat(closed).isTrue();
  }
}
