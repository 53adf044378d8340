package io.clientele.featurestore;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.clientele.featurestore.engine.CustomerState;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.FeatureReader;
import io.clientele.featurestore.engine.FeatureSelection;
import io.clientele.featurestore.engine.StateException;
import io.clientele.featurestore.store.StoredState;
import io.clientele.featurestore.v1.CustomerStatus;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;

/** The rows of one answer, read one after another. Not thread-safe. */
final class FeatureRows {
  private static final byte[] NONE = {};

  private final FeaturePlan plan;
  private final FeatureSelection selection;
  private final ReadMoment moment;
  private final FeatureReader reader;
  private final byte[][] groups;
  private final int size;
  private final byte[] values;
  private final byte[] presence;
  private final ByteBuffer valuesOut;
  private final ByteBuffer presenceOut;
  private final byte[] ages;
  private final boolean[] unanswered;
  private boolean anyUnanswered;
  private byte[] staleness = NONE;

  /**
   * @param moment that the features hold at
   * @param size how many rows
   * @param withAges whether ages are wanted
   */
  FeatureRows(
      FeaturePlan plan, FeatureSelection selection, ReadMoment moment, int size, boolean withAges) {
    this.plan = plan;
    this.moment = moment;
    this.selection = selection;
    this.size = size;
    reader = selection.newReader();
    groups = new byte[selection.groups().size()][];
    values = new byte[size * selection.rowBytes()];
    presence = new byte[size * selection.presenceBytes()];
    valuesOut = ByteBuffer.wrap(values);
    presenceOut = ByteBuffer.wrap(presence);
    ages = withAges ? new byte[values.length] : NONE;
    unanswered = new boolean[selection.size()];
  }

  /**
   * Reads a row.
   *
   * @param state with the selection's groups, and with the ledger where the moment is chosen
   * @param damage hears what cannot be read of it
   */
  CustomerStatus read(int row, StoredState state, Damage damage) {
    int valuesAt = row * selection.rowBytes();
    int presenceAt = row * selection.presenceBytes();
    CustomerStatus status = read(state, valuesAt, presenceAt, damage);
    if (reader.hasStale()) {
      staleness = staleness.length == 0 ? new byte[presence.length] : staleness;
      reader.writeStaleness(staleness, presenceAt);
    }
    if (reader.hasUnanswered()) {
      noteUnanswered(damage);
    }
    if (ages.length > 0) {
      reader.writeAges(ages, valuesAt);
    }
    return status;
  }

  private CustomerStatus read(StoredState state, int valuesAt, int presenceAt, Damage damage) {
    if (!state.exists()) {
      reader.readUnknown(valuesOut, valuesAt, presenceOut, presenceAt);
      return CustomerStatus.UNKNOWN;
    }
    for (int g = 0; g < groups.length; g++) {
      groups[g] = state.group(g);
    }
    try {
      long ms = moment.ms();
      if (moment.chosen()) {
        byte[] summary = summaryAsOf(state, ms);
        reader.readAsOf(summary, groups, ms, valuesOut, valuesAt, presenceOut, presenceAt);
      } else {
        reader.read(state.summary(), groups, ms, valuesOut, valuesAt, presenceOut, presenceAt);
      }
      return CustomerStatus.FOUND;
    } catch (StateException e) {
      damage.found(String.valueOf(e.getMessage()));
      reader.readMissing(valuesOut, valuesAt, presenceOut, presenceAt);
      return CustomerStatus.DAMAGED;
    }
  }

  private byte[] summaryAsOf(StoredState state, long asOfMs) {
    return state.summary().length == 0
        ? state.summary()
        : CustomerState.decode(plan, state.summary(), state.ledger(), state.tail())
            .summaryAsOf(asOfMs);
  }

  private void noteUnanswered(Damage damage) {
    anyUnanswered = true;
    for (int column = 0; column < unanswered.length; column++) {
      unanswered[column] |= reader.isUnanswered(column);
    }
    for (String group : reader.damagedGroups()) {
      damage.found("group " + group + " is damaged");
    }
  }

  /** How many rows. */
  int size() {
    return size;
  }

  ByteString values() {
    return UnsafeByteOperations.unsafeWrap(values);
  }

  ByteString presence() {
    return UnsafeByteOperations.unsafeWrap(presence);
  }

  /** Empty where nothing is stale. */
  ByteString staleness() {
    return UnsafeByteOperations.unsafeWrap(staleness);
  }

  /** Empty where they are not wanted. */
  ByteString ages() {
    return UnsafeByteOperations.unsafeWrap(ages);
  }

  /** Columns that some row does not answer though something was written. */
  List<String> unanswered() {
    if (!anyUnanswered) {
      return List.of();
    }
    return IntStream.range(0, unanswered.length)
        .filter(column -> unanswered[column])
        .mapToObj(column -> selection.features().get(column).name())
        .distinct()
        .toList();
  }

  /** Hears of damage. */
  @FunctionalInterface
  interface Damage {
    void found(String what);
  }
}
