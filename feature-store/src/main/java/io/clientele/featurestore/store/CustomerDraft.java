package io.clientele.featurestore.store;

import io.clientele.featurestore.engine.Change;
import io.clientele.featurestore.engine.Correction;
import io.clientele.featurestore.engine.CustomerGroups;
import io.clientele.featurestore.engine.CustomerState;
import io.clientele.featurestore.engine.Event;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.GroupWrite;
import io.clientele.featurestore.engine.Outcome;
import io.clientele.featurestore.engine.PackedState;
import io.clientele.featurestore.engine.Rebuild;
import io.clientele.featurestore.engine.StateException;
import io.clientele.featurestore.store.CompareAndSet.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a customer's stored state becomes by changes, before it is written. Events are only unpacked
 * where there is one to fold, so that a write of a group costs as much as the group. Not
 * thread-safe.
 */
final class CustomerDraft {
  private final FeaturePlan plan;
  private final StoredState stored;
  private final CustomerGroups groups;
  private @Nullable CustomerState events;
  private boolean eventsChanged;
  private @Nullable PackedState packed;

  /**
   * @param groupsRead the names of the groups that were read, in that order
   */
  CustomerDraft(FeaturePlan plan, StoredState stored, Set<String> groupsRead) {
    this.plan = plan;
    this.stored = stored;
    groups = new CustomerGroups(plan, packed(stored, groupsRead));
  }

  private static Map<String, byte[]> packed(StoredState stored, Set<String> groupsRead) {
    if (groupsRead.isEmpty()) {
      return Map.of();
    }
    Map<String, byte[]> packed = HashMap.newHashMap(groupsRead.size());
    for (String group : groupsRead) {
      packed.put(group, stored.group(packed.size()));
    }
    return packed;
  }

  /**
   * @throws StateException if the stored events cannot be read
   */
  Outcome fold(Change change, long nowMs) {
    return switch (change) {
      case Event event -> note(events().fold(event, nowMs));
      case Correction correction -> note(events().fold(correction, nowMs));
      case Rebuild rebuild -> note(events().fold(rebuild, nowMs));
      case GroupWrite write -> groups.fold(write, nowMs);
    };
  }

  /** Whether a change is a correction that would have to wait for its event. */
  boolean lacksEventOf(Change change, long nowMs) {
    return change instanceof Correction correction && events().lacksEventOf(correction, nowMs);
  }

  private Outcome note(Outcome outcome) {
    eventsChanged |= outcome.verdict().changesState();
    return outcome;
  }

  private CustomerState events() {
    CustomerState state = events;
    if (state == null) {
      state =
          stored.summary().length > 0
              ? CustomerState.decode(plan, stored.summary(), stored.ledger(), stored.tail())
              : CustomerState.empty(plan);
      events = state;
    }
    return state;
  }

  /** The fields that have changed; none where nothing has. */
  List<Field> fields() {
    var fields = new ArrayList<Field>();
    if (eventsChanged) {
      PackedState after = events().update();
      packed = after;
      fields.add(new Field(StateFields.SUMMARY, after.summary()));
      if (!Arrays.equals(after.ledger(), stored.ledger())) {
        fields.add(new Field(StateFields.LEDGER, after.ledger()));
      }
      if (after.tail().length > 0 || stored.tail().length > 0) {
        fields.add(new Field(StateFields.TAIL, after.tail()));
      }
    }
    groups
        .changed()
        .forEach((name, packed) -> fields.add(new Field(StateFields.group(name), packed)));
    if (!fields.isEmpty() && stored.forgottenMs() > 0 && !stored.exists()) {
      fields.add(new Field(StateFields.FORGOTTEN, Script.ascii(stored.forgottenMs())));
    }
    return fields;
  }

  /** What is stored once {@link #fields} are written; without groups. */
  @Nullable StoredState written() {
    return packed == null ? null : stored.then(packed);
  }
}
