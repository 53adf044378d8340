package io.clientele.featurestore.store;

/** Something that waits for a lane. It ends exactly once: done by the lane, or failed. */
interface Work {
  /** How much it adds to a trip, in rows or events. */
  int weight();

  /** Whether nobody waits for it any more: it is then failed and not begun. */
  boolean abandoned();

  /** Ends it with a failure. Has no effect on what has ended. */
  void fail(Throwable cause);
}
