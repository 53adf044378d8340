package io.clientele.featurestore.store;

import io.clientele.grpc.Bursts;
import io.grpc.netty.shaded.io.netty.channel.IoEventLoop;
import io.grpc.netty.shaded.io.netty.util.internal.ThreadExecutorMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections to Redis of all event loops that ask for one. Thread-safe. */
final class LoopLinks implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LoopLinks.class);

  private final WaitingWork<StateRead> waiting;
  private final LoopDialer dialer;
  private final Stages stages;
  private final Bursts<StateRead> bursts = new Bursts<>(this::take);
  private final List<LoopLink> links = new CopyOnWriteArrayList<>();
  private final ThreadLocal<Optional<LoopLink>> own = ThreadLocal.withInitial(this::open);
  private volatile boolean closed;

  /**
   * @param waiting what the lanes take from, too
   */
  LoopLinks(WaitingWork<StateRead> waiting, LoopDialer dialer, Stages stages) {
    this.waiting = waiting;
    this.dialer = dialer;
    this.stages = stages;
  }

  /**
   * Takes a read if the current thread is an event loop.
   *
   * @return false, with nothing done, if not, or if it is too much for a loop
   */
  boolean add(StateRead read) {
    return read.weight() <= LoopLink.MAX_CUSTOMERS && bursts.add(read);
  }

  private void take(List<StateRead> burst) {
    for (StateRead read : burst) {
      try {
        waiting.addQuietly(read);
      } catch (RuntimeException refused) {
        read.fail(refused);
      }
    }
    try {
      own.get().ifPresentOrElse(LoopLink::go, waiting::wake);
    } catch (Throwable failure) { // the loop's boundary: nobody is to wait in vain
      log.error("reads of an event loop", failure);
      own.get().ifPresent(LoopLink::abort);
      waiting.wake();
    }
  }

  private Optional<LoopLink> open() {
    if (ThreadExecutorMap.currentExecutor() instanceof IoEventLoop loop) {
      var link = new LoopLink(loop, waiting, dialer, stages);
      links.add(link);
      if (closed) { // and who closed this may have come too early to see the link
        link.close();
      }
      return Optional.of(link);
    }
    return Optional.empty();
  }

  /** Ends what takes too long. */
  void abortOverdue() {
    links.forEach(LoopLink::abortOverdue);
  }

  /** Ends all connections; the next reads open others. */
  void abort() {
    links.forEach(LoopLink::abort);
  }

  /** The queue is to be closed before. */
  @Override
  public void close() {
    closed = true;
    links.forEach(LoopLink::close);
  }
}
