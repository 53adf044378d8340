package io.clientele.featurestore.catalog;

/** How far back the ids of an event type are known, so that an event counts once. */
public sealed interface Duplicates {
  /** Every id of the retention is known. */
  record OverRetention() implements Duplicates {
    @Override
    public String canonical() {
      return "retention";
    }
  }

  /**
   * The ids of the newest events are known, by event time. An event older than all of a full set is
   * too old.
   *
   * @param ids how many, 1 to 4,096
   */
  record Recent(int ids) implements Duplicates {
    static final int MAX_IDS = 4_096;

    @Override
    public String canonical() {
      return "recent:" + ids;
    }
  }

  /** The rule in one word. */
  String canonical();
}
