package io.clientele.featurestore.store;

import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.DefaultJedisSocketFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;

/**
 * Gives a connection its socket, once. Jedis would otherwise open a second one in the middle of a
 * pipeline, without a login and on database 0. Any thread may abort it.
 */
final class OneSocket implements JedisSocketFactory {
  private final JedisSocketFactory factory;
  private final AtomicReference<@Nullable Socket> opened = new AtomicReference<>();

  OneSocket(HostAndPort address, JedisClientConfig config) {
    factory = new DefaultJedisSocketFactory(address, config);
  }

  @Override
  public Socket createSocket() {
    if (opened.get() != null) {
      throw new JedisConnectionException("connection lost");
    }
    Socket socket = factory.createSocket();
    opened.set(socket);
    return socket;
  }

  /** Ends whatever reads or writes on it. */
  void abort() {
    Socket socket = opened.get();
    if (socket != null) {
      try {
        socket.close();
      } catch (IOException e) {
        // closed or broken already
      }
    }
  }
}
