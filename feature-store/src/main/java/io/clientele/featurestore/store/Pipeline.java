package io.clientele.featurestore.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.commands.ProtocolCommand;
import redis.clients.jedis.exceptions.JedisClusterException;

/**
 * Commands that go to Redis together, each to the node that has its bucket. Where some of them have
 * to be sent again, all are handed in again, in the same order, and the others are passed over. Not
 * thread-safe.
 */
final class Pipeline {
  private static final int FIRST_CAPACITY = 16;

  private final NodeLinks links;
  private final List<NodeLink> used = new ArrayList<>();
  private @Nullable NodeLink[] linkOf = new NodeLink[FIRST_CAPACITY];
  private Nodes nodes;
  private @Nullable Resend resend;
  private int commands;

  /** For many rounds, so that none allocates what the last one had. */
  Pipeline(NodeLinks links, Nodes nodes) {
    this.links = links;
    this.nodes = nodes;
  }

  /**
   * Begins a round.
   *
   * @param wanted what is to be sent; null for everything
   */
  void begin(Nodes now, @Nullable Resend wanted) {
    links.follow(now);
    nodes = now;
    resend = wanted;
    commands = 0;
    used.clear();
  }

  /**
   * Sends a command to where a bucket is. Replies come in the order in which commands are sent,
   * whatever their buckets.
   *
   * @param bucket whose hash tag is in every key that the command names; see {@link CustomerKeys}
   */
  void send(int bucket, ProtocolCommand command, byte[]... arguments) {
    int index = commands++;
    if (index == linkOf.length) {
      linkOf = Arrays.copyOf(linkOf, 2 * index);
    }
    HostAndPort asked = null;
    if (resend != null) {
      if (!resend.contains(index)) {
        return;
      }
      asked = resend.asked(index);
    }
    NodeLink link = asked == null ? links.ofMaster(nodes.ofBucket(bucket)) : links.of(asked);
    linkOf[index] = link;
    if (link == null) {
      return;
    }
    if (!link.isUsed()) {
      used.add(link);
    }
    if (asked != null) {
      link.send(bucket, Command.ASKING);
    }
    link.send(bucket, command, arguments);
  }

  /** The link by which a command was last sent; null where no node has its bucket. */
  @Nullable NodeLink linkOf(int command) {
    return linkOf[command];
  }

  /**
   * Sends off a whole round and waits for its replies.
   *
   * @return one a command; can be changed
   */
  List<Object> replies(int limitMs) {
    used.forEach(NodeLink::flush);
    if (used.size() == 1 && links.size() == 1) {
      return used.getFirst().replies(limitMs);
    }
    List<Object> replies = new ArrayList<>(Arrays.asList(new Object[commands]));
    collect(replies, limitMs);
    return replies;
  }

  /** As {@link #replies}, of those commands that were sent again, each in its place. */
  void replaceReplies(List<Object> replies, int limitMs) {
    used.forEach(NodeLink::flush);
    collect(replies, limitMs);
  }

  private void collect(List<Object> replies, int limitMs) {
    long startNs = System.nanoTime();
    for (NodeLink link : used) {
      long leftMs = limitMs - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
      List<Object> received = link.replies((int) Math.max(1, leftMs));
      int next = 0;
      for (int i = 0; i < commands; i++) {
        if (linkOf[i] == link && isWanted(i)) {
          next += isAsked(i) ? 1 : 0; // the reply to ASKING
          replies.set(i, received.get(next++));
        }
      }
    }
    for (int i = 0; i < commands; i++) {
      if (linkOf[i] == null && isWanted(i)) {
        replies.set(i, new JedisClusterException("CLUSTERDOWN no node has the slot"));
      }
    }
  }

  private boolean isWanted(int command) {
    return resend == null || resend.contains(command);
  }

  private boolean isAsked(int command) {
    return resend != null && resend.asked(command) != null;
  }
}
