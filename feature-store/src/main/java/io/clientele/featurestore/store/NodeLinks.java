package io.clientele.featurestore.store;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;

/**
 * One lane's connections to all nodes that it needs. One thread uses them; any thread may abort
 * them or end their pauses.
 */
final class NodeLinks {
  private final Function<HostAndPort, NodeLink> open;
  private final Map<HostAndPort, NodeLink> links = new ConcurrentHashMap<>();
  private @Nullable Nodes nodes;
  private NodeLink[] ofMaster = {};
  private long changes;

  /**
   * @param open makes a link to a node
   */
  NodeLinks(Function<HostAndPort, NodeLink> open) {
    this.open = open;
  }

  /** Goes over to other nodes. Links to nodes that are no longer masters end. */
  void follow(Nodes next) {
    if (next == nodes) {
      return;
    }
    changes++;
    nodes = next;
    links
        .values()
        .removeIf(
            link -> {
              boolean gone = !next.masters().contains(link.address());
              if (gone) {
                changes += link.openings();
                link.drop();
              }
              return gone;
            });
    ofMaster = next.masters().stream().map(this::of).toArray(NodeLink[]::new);
  }

  /** How often a connection was opened or the nodes have changed. */
  long changes() {
    long total = changes;
    for (NodeLink link : links.values()) {
      total += link.openings();
    }
    return total;
  }

  int size() {
    return ofMaster.length;
  }

  /** The link to a master; null for {@link Nodes#NONE}. */
  @Nullable NodeLink ofMaster(int number) {
    return number == Nodes.NONE ? null : ofMaster[number];
  }

  /** The link to a node, which need not be a master of anything yet. */
  NodeLink of(HostAndPort address) {
    return links.computeIfAbsent(address, open);
  }

  void forEachMaster(Consumer<NodeLink> action) {
    for (NodeLink link : ofMaster) {
      action.accept(link);
    }
  }

  /** By any thread. */
  void forEach(Consumer<NodeLink> action) {
    links.values().forEach(action);
  }
}
