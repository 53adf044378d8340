package io.clientele.bench.limits;

/** Something to ask again and again. Thread-safe. */
@FunctionalInterface
interface Call extends AutoCloseable {
  /**
   * Begins a call.
   *
   * @param number of the call, from 0 in each load
   * @param ended told once, by any thread, and maybe before this returns
   */
  void begin(long number, Ended ended);

  /** No call may be in flight. */
  @Override
  default void close() {}

  /** Hears of the end of a call. */
  @FunctionalInterface
  interface Ended {
    /**
     * @param good whether the answer came and is what was asked for
     */
    void ended(boolean good);
  }
}
