package io.clientele.featurestore.store;

import io.clientele.featurestore.engine.CustomerState;
import io.clientele.featurestore.engine.Event;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.Outcome;
import io.clientele.featurestore.engine.PackedState;
import io.clientele.featurestore.engine.Verdict;
import io.clientele.featurestore.store.EventBatch.Part;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One customer's change in a trip: the events of all batches that wait for it, folded into the
 * state that was read, and folded again where the state turns out to have changed. The outcomes are
 * those of the fold that was written. Not thread-safe.
 */
final class CustomerFold {
  private final String customerId;
  private final CustomerKey key;
  private final List<Pending> pending = new ArrayList<>();
  private StoredState before = StoredState.NONE;
  private @Nullable PackedState changed;

  CustomerFold(String customerId, CustomerKey key) {
    this.customerId = customerId;
    this.key = key;
  }

  String customerId() {
    return customerId;
  }

  void add(Part part, int index) {
    pending.add(new Pending(part, index));
  }

  /**
   * Folds all events.
   *
   * @return whether the state has changed, so that it must be written
   */
  boolean fold(FeaturePlan plan, StoredState stored, long nowMs) {
    before = stored;
    CustomerState state =
        stored.exists()
            ? CustomerState.decode(plan, stored.summary(), stored.ledger())
            : CustomerState.empty(plan);
    boolean applied = false;
    for (Pending part : pending) {
      applied |= part.fold(state, nowMs);
    }
    changed = applied ? state.encode() : null;
    return applied;
  }

  void sendRead(Pipeline pipeline) {
    StoredState.sendRead(pipeline, key, true);
  }

  void sendWrite(Pipeline pipeline, boolean scriptKnown) {
    PackedState state = changed;
    if (state == null) {
      throw new IllegalStateException("nothing to write");
    }
    CompareAndSet.send(
        pipeline, scriptKnown, key, before.version(), state.summary(), state.ledger());
  }

  /** Ends it: what was folded is in Redis. */
  void done() {
    long version = changed == null ? before.version() : before.version() + 1;
    for (Pending part : pending) {
      part.done(version);
    }
  }

  void fail(Throwable cause) {
    for (Pending part : pending) {
      part.part.fail(cause);
    }
  }

  /** The customer's events of one batch. */
  private static final class Pending {
    private final Part part;
    private final int index;
    private List<Outcome> outcomes = List.of();

    Pending(Part part, int index) {
      this.part = part;
      this.index = index;
    }

    boolean fold(CustomerState state, long nowMs) {
      boolean applied = false;
      var folded = new ArrayList<Outcome>();
      for (Event event : part.customer(index).events()) {
        Outcome outcome = state.fold(event, nowMs);
        applied |= outcome.verdict() == Verdict.APPLIED;
        folded.add(outcome);
      }
      outcomes = folded;
      return applied;
    }

    void done(long version) {
      part.record(index, new Recorded(outcomes, version));
    }
  }
}
