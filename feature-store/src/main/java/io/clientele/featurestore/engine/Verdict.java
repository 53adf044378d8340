package io.clientele.featurestore.engine;

/** What became of a change. */
public enum Verdict {
  /** Counted. */
  APPLIED,
  /** Its id is known already. */
  DUPLICATE,
  /** Older than the retention, or than all ids of a full set of recent ones. */
  TOO_OLD,
  /** Not valid. */
  REJECTED,
  /** A later write of the group holds. */
  STALE,
  /** The customer was forgotten after it happened. */
  FORGOTTEN;

  /** Whether a change with that verdict has changed the state. */
  public boolean changesState() {
    return this == APPLIED;
  }
}
