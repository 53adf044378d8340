package io.clientele.featurestore.store;

import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.DefaultJedisSocketFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;

/**
 * Gives a connection its socket, once. Jedis would otherwise open a second one in the middle of a
 * pipeline, without a login and on database 0. Any thread may abort it.
 *
 * <p>TLS is laid over the socket here and not by Jedis, because an abort has to close what is
 * beneath: to close a TLS socket is to write to it, which waits for the write that hangs.
 */
final class OneSocket implements JedisSocketFactory {
  private final HostAndPort address;
  private final JedisSocketFactory factory;
  private final @Nullable SSLSocketFactory tls;
  private final AtomicReference<@Nullable Socket> opened = new AtomicReference<>();

  /**
   * @param config says nothing of TLS
   * @param tls null for plain text
   */
  OneSocket(HostAndPort address, JedisClientConfig config, @Nullable SSLSocketFactory tls) {
    this.address = address;
    this.tls = tls;
    factory = new DefaultJedisSocketFactory(address, config);
  }

  @Override
  public Socket createSocket() {
    if (opened.get() != null) {
      throw new JedisConnectionException("connection lost");
    }
    Socket socket = factory.createSocket();
    opened.set(socket);
    if (tls == null) {
      return socket;
    }
    try {
      return secured(socket, tls);
    } catch (IOException e) {
      abort();
      throw new JedisConnectionException("TLS with " + address + ": " + e.getMessage(), e);
    }
  }

  private SSLSocket secured(Socket socket, SSLSocketFactory layer) throws IOException {
    var secured =
        (SSLSocket) layer.createSocket(socket, address.getHost(), address.getPort(), true);
    SSLParameters parameters = secured.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS"); // checks the host's name
    secured.setSSLParameters(parameters);
    secured.startHandshake();
    return secured;
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
