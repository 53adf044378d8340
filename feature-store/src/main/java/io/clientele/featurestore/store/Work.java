package io.clientele.featurestore.store;

import io.clientele.grpc.DeadlineException;
import java.util.ArrayList;
import java.util.List;

/** Something that waits for a lane. It ends exactly once: done by the lane, or failed. */
interface Work {
  /** How much it adds to a trip, in rows or events. */
  int weight();

  /** Whether nobody waits for it any more: it is then failed and not begun. */
  boolean abandoned();

  /** Ends it with a failure. Has no effect on what has ended. */
  void fail(Throwable cause);

  /** Those of a batch that somebody waits for; fails the others. */
  static <W extends Work> List<W> wanted(List<W> batch) {
    var wanted = new ArrayList<W>(batch.size());
    for (W work : batch) {
      if (work.abandoned()) {
        work.fail(new DeadlineException("not begun"));
      } else {
        wanted.add(work);
      }
    }
    return wanted;
  }
}
