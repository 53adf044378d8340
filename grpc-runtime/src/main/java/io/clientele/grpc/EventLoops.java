package io.clientele.grpc;

import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import io.grpc.netty.shaded.io.netty.util.concurrent.FastThreadLocal;
import io.grpc.netty.shaded.io.netty.util.internal.ThreadExecutorMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * The threads that read and write the sockets. A loop works in turns: it reads what has arrived,
 * then runs what it was given meanwhile, then writes what that has left to send. Work that belongs
 * to a connection is cheapest in a turn of its own loop: answers of one turn leave in one write.
 */
public final class EventLoops {
  private static final String COUNT = "io.grpc.netty.shaded.io.netty.eventLoopThreads";

  private static final Executor AT_ONCE = Runnable::run;
  private static final FastThreadLocal<Executor> CURRENT =
      new FastThreadLocal<>() {
        @Override
        protected Executor initialValue() {
          EventExecutor loop = ThreadExecutorMap.currentExecutor();
          return loop == null ? AT_ONCE : task -> execute(loop, task);
        }
      };

  private EventLoops() {}

  /**
   * Sizes the loops that all servers and channels of the process share, unless the system property
   * says otherwise: one for two cores. The other half is for what the loops hand work to, and for
   * the kernel's part of it. More loops than that wake each other more than they share: with one
   * instead of four on two cores, a computed Score takes the gateway three quarters of the time
   * ({@code bench/limits --only "three processes"}, with the property in {@code
   * CLIENTELE_JAVA_OPTIONS}). Has an effect before the first server or channel.
   */
  static void size() {
    if (System.getProperty(COUNT) == null) {
      int loops = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
      System.setProperty(COUNT, Integer.toString(loops));
    }
  }

  /**
   * The loop that the present thread is: runs what it is given once the loop has read all that has
   * arrived. For a thread that is no loop, and for a loop that has ended, it runs at once. The same
   * object for each call of a thread.
   */
  public static Executor current() {
    return CURRENT.get();
  }

  /** Whether the present thread is a loop. */
  static boolean isCurrent() {
    return ThreadExecutorMap.currentExecutor() != null;
  }

  private static void execute(EventExecutor loop, Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      task.run(); // its connections have gone with it, but whoever waits must be told
    }
  }
}
