package io.clientele.featurestore.store;

import redis.clients.jedis.HostAndPort;

/** A single Redis, or whatever is behind its address. */
final class OneNode implements Topology {
  private final Nodes nodes;

  OneNode(HostAndPort address, int buckets) {
    nodes = Nodes.of(address, buckets);
  }

  @Override
  public Nodes find() {
    return nodes;
  }

  @Override
  public String mode() {
    return STANDALONE;
  }
}
