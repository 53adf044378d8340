package io.clientele.featurestore.engine;

import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The columns that other systems write, and the groups that they are read from. Not thread-safe.
 */
final class PushedColumns {
  private static final byte[] NOTHING = {};

  private final FeatureSelection selection;
  private final GroupReader[] groups;

  PushedColumns(FeatureSelection selection, CRC32C crc) {
    this.selection = selection;
    this.groups = new GroupReader[selection.groups.size()];
    for (int g = 0; g < groups.length; g++) {
      groups[g] = new GroupReader(selection.groups.get(g), crc);
    }
  }

  /** Moves to a customer's groups; values later than a moment are not those that are asked for. */
  void open(byte[][] packedGroups, long latestMs) {
    for (int g = 0; g < groups.length; g++) {
      groups[g].open(packedGroups[g], latestMs);
    }
  }

  /** Moves to a customer of whom no group is known. */
  void openNone() {
    for (GroupReader group : groups) {
      group.open(NOTHING, Long.MAX_VALUE);
    }
  }

  void writeTo(FeatureRow row) {
    int[] columns = selection.pushedColumns;
    int[] places = selection.pushedPlaces;
    int[] groupOf = selection.pushedGroups;
    for (int p = 0; p < columns.length; p++) {
      GroupReader group = groups[groupOf[p]];
      if (group.has(places[p])) {
        row.set(columns[p], group.value(places[p]));
      } else {
        row.setMissing(columns[p]);
      }
    }
  }

  /** Whether any feature is stale at a moment. */
  boolean hasStale(long momentMs) {
    for (GroupReader group : groups) {
      if (isStale(group, momentMs)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a column is pushed and stale at a moment. */
  boolean isStale(int column, long momentMs) {
    int p = place(column);
    return p >= 0
        && isStale(groups[selection.pushedGroups[p]], momentMs)
        && groups[selection.pushedGroups[p]].has(selection.pushedPlaces[p]);
  }

  /** Sets a bit for each column that is stale at a moment. */
  void writeStaleness(byte[] staleness, int offset, long momentMs) {
    for (int p = 0; p < selection.pushedColumns.length; p++) {
      GroupReader group = groups[selection.pushedGroups[p]];
      if (group.has(selection.pushedPlaces[p]) && isStale(group, momentMs)) {
        FeatureRow.setBit(staleness, offset, selection.pushedColumns[p]);
      }
    }
  }

  private static boolean isStale(GroupReader group, long momentMs) {
    return group.content() == GroupReader.Content.VALUES && group.isStale(momentMs);
  }

  /** Whether some column is unanswered. */
  boolean hasUnanswered() {
    for (GroupReader group : groups) {
      if (isUnanswered(group)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a pushed column is unanswered. */
  boolean isUnanswered(int column) {
    return isUnanswered(groupOf(column));
  }

  private static boolean isUnanswered(GroupReader group) {
    return switch (group.content()) {
      case LATER, FOREIGN, DAMAGED -> true;
      case NONE, VALUES -> false;
    };
  }

  /** The names of the groups whose bytes are not what was written. */
  List<String> damagedGroups() {
    return Arrays.stream(groups)
        .filter(group -> group.content() == GroupReader.Content.DAMAGED)
        .map(group -> group.layout().name())
        .toList();
  }

  /** Since the write behind a pushed column; {@link FeatureReader#NO_AGE} without one. */
  long ageMs(int column, long momentMs) {
    int p = place(column);
    GroupReader group = groups[selection.pushedGroups[p]];
    return group.has(selection.pushedPlaces[p])
        ? Math.max(0, momentMs - group.timeMs())
        : FeatureReader.NO_AGE;
  }

  /** A group by its place in the selection. */
  GroupReader group(int place) {
    return groups[place];
  }

  /** The group of a pushed column. */
  GroupReader groupOf(int column) {
    return groups[selection.pushedGroups[place(column)]];
  }

  /** The place of a column among the pushed ones; below 0 if it is none. */
  private int place(int column) {
    return Arrays.binarySearch(selection.pushedColumns, column);
  }
}
