package io.clientele.featurestore.engine;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * What other systems have written of one customer: packed values, group by group. The order in
 * which writes are folded does not matter for what the values come to. Not thread-safe.
 */
public final class CustomerGroups {
  private final FeaturePlan plan;
  private final Map<String, byte[]> stored;
  private final Map<String, byte[]> changed = new LinkedHashMap<>();

  /**
   * @param stored by group, of at least those that are to be folded; empty where there are no
   *     values. Not copied.
   */
  public CustomerGroups(FeaturePlan plan, Map<String, byte[]> stored) {
    this.plan = plan;
    this.stored = stored;
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
    var before = new GroupReader(layout, new CRC32C());
    before.open(packed(layout.name()), Long.MAX_VALUE);
    if (before.content() == GroupReader.Content.VALUES) {
      int order = write.compareTo(before);
      if (order <= 0) {
        return order == 0 ? Outcome.DUPLICATE : stale(write, before);
      }
    }
    changed.put(layout.name(), PackedGroup.pack(write, nowMs));
    return Outcome.APPLIED;
  }

  private static Outcome stale(GroupWrite write, GroupReader stored) {
    String time = Times.text(write.timeMs());
    return Outcome.stale(
        write.timeMs() < stored.timeMs()
            ? Refusal.of("event_time", time, "later than " + Times.text(stored.timeMs()))
            : Refusal.of("event_time", time + ", at which other values hold", "later"));
  }

  /** The bytes of the groups that have been written, by name. */
  public Map<String, byte[]> changed() {
    return Collections.unmodifiableMap(changed);
  }

  private byte[] packed(String group) {
    byte[] written = changed.get(group);
    if (written != null) {
      return written;
    }
    byte[] known = stored.get(group);
    if (known == null) {
      throw new IllegalArgumentException("what is stored of " + group + " is not known");
    }
    return known;
  }
}
