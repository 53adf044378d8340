package io.clientele.featurestore.store;

import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;

/**
 * Where event loops connect to, and how.
 *
 * @param dialer the login
 * @param known the nodes, which others look for
 * @param format is checked on each connection
 * @param connectTimeoutNs how long it may take to connect, and to log in
 * @param timeoutNs how long a trip may take
 */
record LoopDialer(
    Dialer dialer, RedisNodes known, StoreFormat format, long connectTimeoutNs, long timeoutNs) {

  static LoopDialer of(RedisSettings settings, RedisNodes nodes, StoreFormat format) {
    return new LoopDialer(
        settings.dialer("loop"),
        nodes,
        format,
        settings.connectTimeout().toNanos(),
        settings.timeout().toNanos());
  }

  /** The one node to connect to; null where the case is not as plain as that, or not known yet. */
  @Nullable Nodes nodes() {
    Nodes nodes = known.known();
    boolean plain = nodes != null && nodes.size() == 1 && dialer.tls() == null && format.isKnown();
    return plain ? nodes : null;
  }

  Handshake handshake(HostAndPort address) {
    return new Handshake(dialer.config(), format, address);
  }
}
