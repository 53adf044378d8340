package io.clientele.featurestore.store;

import redis.clients.jedis.Connection;
import redis.clients.jedis.JedisClientConfig;

/** A connection whose commands can be sent off before their replies are waited for. */
final class NodeConnection extends Connection {
  NodeConnection(OneSocket socket, JedisClientConfig config) {
    super(socket, config);
  }

  /** Sends off what is still in the buffer. */
  void sendOff() {
    flush();
  }
}
