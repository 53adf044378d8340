package io.clientele.featurestore.engine;

import java.util.zip.CRC32C;

/**
 * What other systems have written of one customer: packed values, group by group. The order in
 * which writes are folded does not matter for what the values come to. Not thread-safe.
 */
public final class CustomerGroups {
  private final FeaturePlan plan;
  private final byte[][] packed;
  private final boolean[] changed;

  /**
   * @param stored by the plan's order of groups; empty where there is none. Not copied.
   */
  public CustomerGroups(FeaturePlan plan, byte[][] stored) {
    this.plan = plan;
    this.packed = stored.clone();
    this.changed = new boolean[stored.length];
  }

  /**
   * Takes a write over, unless what is there holds. What cannot be read gives way.
   *
   * @param write of the plan that this is of
   */
  public Outcome fold(GroupWrite write, long nowMs) {
    GroupLayout layout = write.layout();
    if (!plan.has(layout)) {
      throw new IllegalArgumentException("a write of another plan: " + layout.name());
    }
    long ahead = write.timeMs() - nowMs;
    if (ahead > plan.catalog().futureToleranceMs()) {
      return Outcome.rejected(
          Refusal.of(
              "event_time",
              ahead + " ms ahead of the clock",
              "at most " + plan.catalog().futureToleranceMs() + " ms"));
    }
    var stored = new GroupReader(layout, new CRC32C());
    stored.open(packed[layout.index()]);
    if (stored.content() == GroupReader.Content.VALUES) {
      int order = write.compareTo(stored);
      if (order <= 0) {
        return order == 0 ? Outcome.DUPLICATE : stale(write, stored);
      }
    }
    packed[layout.index()] = PackedGroup.pack(write, nowMs);
    changed[layout.index()] = true;
    return Outcome.APPLIED;
  }

  private static Outcome stale(GroupWrite write, GroupReader stored) {
    String time = Times.text(write.timeMs());
    return Outcome.stale(
        write.timeMs() < stored.timeMs()
            ? Refusal.of("event_time", time, "later than " + Times.text(stored.timeMs()))
            : Refusal.of("event_time", time + ", at which other values hold", "later"));
  }

  /** Whether a group has been written. */
  public boolean isChanged(int group) {
    return changed[group];
  }

  /** A group's bytes, to be stored as they are. */
  public byte[] packed(int group) {
    return packed[group];
  }
}
