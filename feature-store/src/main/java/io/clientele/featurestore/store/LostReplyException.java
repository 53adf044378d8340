package io.clientele.featurestore.store;

import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/** Stands for the reply to a command whose node could not be reached or did not answer. */
final class LostReplyException extends JedisDataException {
  private static final long serialVersionUID = 1L;

  private final boolean sent;
  private final boolean stale;

  /**
   * @param sent whether the command may have been carried out
   * @param stale whether its connection was an old one, whose end says nothing about a new one
   */
  LostReplyException(JedisException cause, boolean sent, boolean stale) {
    super(cause.getMessage(), cause);
    this.sent = sent;
    this.stale = stale;
  }

  boolean sent() {
    return sent;
  }

  boolean stale() {
    return stale;
  }
}
