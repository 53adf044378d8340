package io.clientele.featurestore.store;

import io.clientele.featurestore.engine.Change;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.GroupWrite;
import io.clientele.featurestore.engine.Outcome;
import io.clientele.featurestore.engine.Rebuild;
import io.clientele.featurestore.engine.Refusal;
import io.clientele.featurestore.store.ChangeBatch.Part;
import io.clientele.featurestore.store.CompareAndSet.Field;
import io.clientele.featurestore.store.CompareAndSet.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One customer's change in a trip: all that waits for it in any batch, folded into the state that
 * was read or is remembered, and folded again where that turns out not to be the last. The outcomes
 * are those of the fold that was written. Not thread-safe.
 */
final class CustomerFold {
  private final String customerId;
  private final CustomerKey key;
  private final List<Pending> pending = new ArrayList<>();

  /** Those that are written, in the order in which they are read. */
  private final Set<String> groups = new LinkedHashSet<>();

  private StoredState before = StoredState.NONE;
  private boolean fromMemory;

  /** The event types and groups that have changed; none where there is nothing to write. */
  private List<String> changed = List.of();

  private List<Field> fields = List.of();

  private @Nullable StoredState written;

  CustomerFold(String customerId, CustomerKey key) {
    this.customerId = customerId;
    this.key = key;
  }

  String customerId() {
    return customerId;
  }

  /** Adds a customer of a part, which is this one. */
  void add(Part part, int place) {
    pending.add(new Pending(part, place));
    for (Change change : part.customer(place).changes()) {
      if (change instanceof GroupWrite write) {
        groups.add(write.what());
      }
    }
  }

  /** Reads the state. A tombstone is not looked for: the write finds it, if there is one. */
  void sendRead(Pipeline pipeline) {
    fieldsRead().send(pipeline, key);
  }

  /** Reads the state, and the tombstone as a second reply. */
  void sendReadAgain(Pipeline pipeline) {
    fieldsRead().send(pipeline, key);
    Tombstone.sendRead(pipeline, key);
  }

  /** What {@link #sendRead} was answered. */
  StoredState stored(Object reply) {
    return StoredState.ofReply(fieldsRead(), reply);
  }

  private StateFields fieldsRead() {
    return StateFields.writing(List.copyOf(groups));
  }

  /**
   * Folds all changes.
   *
   * @param isRemembered whether the state was not read in this trip; without groups then
   * @param tombstoneLife how long after a customer was forgotten late changes are refused
   * @return whether the state has changed, so that it must be written
   */
  boolean fold(
      FeaturePlan plan,
      StoredState stored,
      boolean isRemembered,
      long nowMs,
      Duration tombstoneLife) {
    before = stored;
    fromMemory = isRemembered;
    var draft = new CustomerDraft(plan, stored, groups);
    long forgottenUntilMs =
        stored.forgottenMs() > nowMs - tombstoneLife.toMillis()
            ? stored.forgottenMs() + plan.catalog().futureToleranceMs()
            : Long.MIN_VALUE;
    changed = new ArrayList<>(1);
    for (Pending part : pending) {
      part.fold(draft, stored, nowMs, forgottenUntilMs, changed);
    }
    fields = changed.isEmpty() ? List.of() : draft.fields();
    written = changed.isEmpty() ? null : draft.written();
    return !changed.isEmpty();
  }

  /** Whether groups are written, which are not remembered. */
  boolean hasGroups() {
    return !groups.isEmpty();
  }

  CustomerKey key() {
    return key;
  }

  /** Whether no state was found when it was read. */
  boolean isNew() {
    return !before.exists();
  }

  /**
   * What the last fold came to.
   *
   * @param sameRedis whether what was remembered is of the Redis that it goes to
   */
  Write write(boolean sameRedis) {
    return new Write(key, before, changed, fields, fromMemory && !sameRedis);
  }

  /** The state that {@link #write} leaves; null where it was not read whole. */
  @Nullable StoredState written() {
    return written;
  }

  /** Ends it: what was folded is in Redis. */
  void done() {
    long version = changed.isEmpty() ? before.version() : before.version() + 1;
    for (Pending part : pending) {
      part.done(version);
    }
  }

  void fail(Throwable cause) {
    for (Pending part : pending) {
      part.part.fail(cause);
    }
  }

  /** The customer's changes of one batch. */
  private static final class Pending {
    private final Part part;
    private final int place;
    private List<Outcome> outcomes = List.of();

    Pending(Part part, int place) {
      this.part = part;
      this.place = place;
    }

    void fold(
        CustomerDraft draft,
        StoredState stored,
        long nowMs,
        long forgottenUntilMs,
        List<String> changed) {
      boolean gone = forgottenUntilMs != Long.MIN_VALUE && !stored.exists();
      var folded = new ArrayList<Outcome>(part.customer(place).changes().size());
      for (Change change : part.customer(place).changes()) {
        Outcome outcome =
            change.timeMs() <= forgottenUntilMs || (gone && draft.lacksEventOf(change, nowMs))
                ? forgotten(change, forgottenUntilMs)
                : draft.fold(remembered(change, forgottenUntilMs), nowMs);
        if (outcome.verdict().changesState() && !changed.contains(change.what())) {
          changed.add(change.what());
        }
        folded.add(outcome);
      }
      outcomes = folded;
    }

    /** Of a log, only what happened since the customer was forgotten. */
    private static Change remembered(Change change, long forgottenUntilMs) {
      return change instanceof Rebuild rebuild ? rebuild.after(forgottenUntilMs) : change;
    }

    private static Outcome forgotten(Change change, long untilMs) {
      return Outcome.forgotten(
          Refusal.of(
              "event_time",
              Instant.ofEpochMilli(change.timeMs()),
              "after " + Instant.ofEpochMilli(untilMs) + ", since the customer was forgotten"));
    }

    void done(long version) {
      part.record(place, new Recorded(outcomes, version));
    }
  }
}
