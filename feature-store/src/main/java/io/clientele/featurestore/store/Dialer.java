package io.clientele.featurestore.store;

import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;

/**
 * How to open connections to nodes that let the same user in.
 *
 * @param config login, database and timeouts
 * @param tls null for plain text
 */
record Dialer(JedisClientConfig config, @Nullable SSLSocketFactory tls) {
  /** A socket that is opened when a connection is made on it. */
  OneSocket socket(HostAndPort address) {
    return new OneSocket(address, config, tls);
  }

  /** Connects and logs in. */
  NodeConnection open(OneSocket socket) {
    return new NodeConnection(socket, config);
  }

  /** Connects and logs in. */
  NodeConnection open(HostAndPort address) {
    return open(socket(address));
  }
}
