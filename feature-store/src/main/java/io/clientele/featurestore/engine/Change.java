package io.clientele.featurestore.engine;

/** Something that changes what is known of one customer. Immutable. */
public sealed interface Change permits Event, Correction, Rebuild, GroupWrite {
  /** The event type or group that it is of. */
  String what();

  /** When it happened, in milliseconds since 1970 UTC. */
  long timeMs();
}
