package io.clientele.featurestore.engine;

/** What became of an event. Only {@link #APPLIED} changes a state. */
public enum Verdict {
  /** Counted. */
  APPLIED,
  /** Its id is known already. */
  DUPLICATE,
  /** Older than the retention, or than all ids of a full set of recent ones. */
  TOO_OLD,
  /** Not a valid event. */
  REJECTED
}
