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
  /** A later write of the group, or a later correction of the event, holds. */
  STALE,
  /** The customer was forgotten after it happened. */
  FORGOTTEN,
  /** A correction whose event has not come: what it says holds, also when the event comes. */
  PENDING,
  /** An event that came after its correction: what the correction says holds. */
  SUPERSEDED;

  /** Whether a change with that verdict has changed the state. */
  public boolean changesState() {
    return switch (this) {
      case APPLIED, PENDING, SUPERSEDED -> true;
      case DUPLICATE, TOO_OLD, REJECTED, STALE, FORGOTTEN -> false;
    };
  }
}
