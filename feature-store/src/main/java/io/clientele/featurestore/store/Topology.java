package io.clientele.featurestore.store;

import redis.clients.jedis.exceptions.JedisException;

/** A way to find the masters that hold a store. Thread-safe. */
interface Topology {
  /**
   * Asks where the masters are now. Takes no longer than opening a few connections.
   *
   * @throws JedisException if nobody who could be asked knows
   */
  Nodes find();

  /** What {@link #mode} says of a Redis that is not part of a cluster. */
  String STANDALONE = "standalone";

  /** How the Redis in question says it is run: {@code redis_mode} of INFO. */
  String mode();
}
