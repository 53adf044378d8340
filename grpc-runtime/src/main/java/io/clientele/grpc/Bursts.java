package io.clientele.grpc;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Gathers what the calls bring that an event loop has read at once, and hands it on as one batch,
 * on the same loop, before the loop waits for more. Nothing waits for time to pass, and no other
 * thread is woken. Thread-safe.
 */
public final class Bursts<T> {
  private final Consumer<List<T>> next;
  private final ThreadLocal<Burst<T>> ofLoop = ThreadLocal.withInitial(Burst::new);

  /**
   * @param next takes a batch; runs on an event loop, which it must not hold up for long, and
   *     throws nothing
   */
  public Bursts(Consumer<List<T>> next) {
    this.next = next;
  }

  /**
   * Adds to the burst of the current thread.
   *
   * @return false, with nothing done, where the thread is no event loop
   */
  public boolean add(T item) {
    if (!EventLoops.isCurrent()) {
      return false;
    }
    Burst<T> burst = ofLoop.get();
    burst.items.add(item);
    if (burst.items.size() == 1) {
      EventLoops.current().execute(() -> next.accept(burst.take()));
    }
    return true;
  }

  /** What one thread has gathered. */
  private static final class Burst<T> {
    private List<T> items = new ArrayList<>();

    List<T> take() {
      List<T> taken = items;
      items = new ArrayList<>(taken.size());
      return taken;
    }
  }
}
