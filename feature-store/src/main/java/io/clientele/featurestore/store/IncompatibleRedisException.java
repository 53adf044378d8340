package io.clientele.featurestore.store;

import redis.clients.jedis.exceptions.JedisException;

/**
 * The Redis, or the store in it, must not be used with these settings. Trying again is of no use.
 */
public final class IncompatibleRedisException extends JedisException {
  private static final long serialVersionUID = 1L;

  IncompatibleRedisException(String message) {
    super(message);
  }
}
