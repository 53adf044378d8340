package io.clientele.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.io.InputStream;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a service's path before the service says SERVING: a JVM answers its first calls tens of
 * times slower than those after a few thousand.
 *
 * <p>What is called is a rehearsal: a second instance of the service, on a free port of the
 * loopback, with metrics, caches and breakers that nobody else sees. It is closed when the warm-up
 * ends, and nothing is left of it but compiled code. Calls come in rounds, a few at a time. The
 * warm-up ends when rounds get no faster, when its time is over, or when a call fails, which is
 * logged and never stops the start.
 */
public final class WarmUp {
  private static final Logger log = LoggerFactory.getLogger(WarmUp.class);
  private static final HostPort FREE = new HostPort("127.0.0.1", 0);
  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(1);
  private static final int CALLERS = 4;
  private static final int CALLS_A_ROUND = 10; // of each caller
  private static final int ROUNDS_WITHOUT_GAIN = 5;
  private static final double GAIN = 0.9;
  private static final int MAX_ROUNDS = 500;

  private WarmUp() {}

  /**
   * Warms up, calling for as long as the settings allow at most; returns at once where that is no
   * time.
   *
   * @param service its name, for the log
   * @param rehearsal starts the second instance, on settings of its own
   * @param call makes one blocking call that writes nothing; its deadline is set by the channel,
   *     and its answer is not parsed: it is empty
   */
  public static void run(
      String service,
      ServerSettings settings,
      Function<ServerSettings, ServerProcess.Running> rehearsal,
      Consumer<Channel> call) {
    if (settings.warmUp().isZero()) {
      return;
    }
    ServerSettings own = new ServerSettings(FREE, settings.maxMessageBytes(), DRAIN_TIMEOUT);
    try (ServerProcess.Running server = rehearsal.apply(own)) {
      // From now on, for to start is no warm-up.
      Deadline end = Deadline.after(settings.warmUp().toNanos(), TimeUnit.NANOSECONDS);
      run(service, server.address(), end, call);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.warn("{}: warm-up not possible: {}", service, e.toString());
    }
  }

  private static void run(String service, HostPort address, Deadline end, Consumer<Channel> call)
      throws InterruptedException {
    long startNs = System.nanoTime();
    ManagedChannel channel = Channels.open(address);
    ExecutorService callers =
        Executors.newFixedThreadPool(
            CALLERS, Thread.ofPlatform().daemon().name(service + "-warm-up-", 0).factory());
    AtomicInteger calls = new AtomicInteger();
    try {
      Channel ending = ClientInterceptors.intercept(channel, new Unread(), new Ending(end));
      Callable<Void> caller =
          () -> {
            for (int i = 0; i < CALLS_A_ROUND && !end.isExpired(); i++) {
              call.accept(ending);
              calls.getAndIncrement();
            }
            return null;
          };
      runRounds(callers, Collections.nCopies(CALLERS, caller), end);
    } catch (ExecutionException e) {
      if (!end.isExpired()) { // a call that the end of the warm-up ends has not failed
        log.warn("{}: warm-up ended early: {}", service, String.valueOf(e.getCause()));
      }
    } finally {
      callers.shutdownNow();
      Channels.close(channel);
    }
    log.info(
        "{}: warmed up by {} calls in {} ms",
        service,
        calls,
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs));
  }

  /** Returns when rounds get no faster, or the time is over. */
  private static void runRounds(
      ExecutorService executor, List<Callable<Void>> callers, Deadline end)
      throws InterruptedException, ExecutionException {
    long bestNs = Long.MAX_VALUE;
    int withoutGain = 0;
    int rounds = 0;
    while (rounds < MAX_ROUNDS && withoutGain < ROUNDS_WITHOUT_GAIN && !end.isExpired()) {
      long startNs = System.nanoTime();
      for (Future<Void> caller : executor.invokeAll(callers)) {
        caller.get();
      }
      long elapsedNs = System.nanoTime() - startNs;
      withoutGain = elapsedNs < bestNs * GAIN ? 0 : withoutGain + 1;
      bestNs = Math.min(bestNs, elapsedNs);
      rounds++;
    }
  }

  /**
   * Does not parse answers: that would be a client's code, which the compiler would spend its time
   * on instead of on the service's. Callers get empty messages.
   */
  private static final class Unread implements ClientInterceptor {
    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(
        MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
      return next.newCall(
          method.toBuilder().setResponseMarshaller(unread(method.getResponseMarshaller())).build(),
          options);
    }

    private static <R> MethodDescriptor.Marshaller<R> unread(
        MethodDescriptor.Marshaller<R> marshaller) {
      if (!(marshaller instanceof MethodDescriptor.PrototypeMarshaller<R> generated)) {
        return marshaller;
      }
      R empty = Objects.requireNonNull(generated.getMessagePrototype());
      return new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(R message) {
          return marshaller.stream(message);
        }

        @Override
        public R parse(InputStream bytes) {
          return empty;
        }
      };
    }
  }

  /** Ends every call with the warm-up. */
  private record Ending(Deadline end) implements ClientInterceptor {
    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(
        MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
      return next.newCall(method, options.withDeadline(end));
    }
  }
}
