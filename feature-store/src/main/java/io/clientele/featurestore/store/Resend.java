package io.clientele.featurestore.store;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisAskDataException;
import redis.clients.jedis.exceptions.JedisClusterException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisMovedDataException;

/**
 * What of a round of commands is to be sent again, by the replies to it. None of it was carried
 * out, but for commands that may be repeated.
 *
 * <ul>
 *   <li>MOVED: to the node that it names, and all else of that slot from now on;
 *   <li>ASK: to the node that it names, this time;
 *   <li>TRYAGAIN: to the same node after a pause; a slot is on its way;
 *   <li>READONLY, LOADING, MASTERDOWN, CLUSTERDOWN: to the master that is found anew, once;
 *   <li>no reply: on a new connection, once; where the command may have been sent, only if it may
 *       be repeated.
 * </ul>
 */
final class Resend {
  private final BitSet commands = new BitSet();
  private final BitSet ifMastersChange = new BitSet();
  private final Map<Integer, HostAndPort> asked = new HashMap<>();
  private boolean doubtsMasters;
  private boolean pauses;

  private Resend() {}

  /**
   * Reads replies.
   *
   * @param pipeline by which they were sent; a link to what is no master is dropped
   * @param nodes is told which slots have moved
   * @param repeatable whether commands may be carried out twice
   * @param first whether it is the first round
   * @return null if nothing is to be sent again
   */
  static @Nullable Resend of(
      List<Object> replies,
      Pipeline pipeline,
      RedisNodes nodes,
      boolean repeatable,
      boolean first) {
    Resend resend = null;
    for (int i = 0; i < replies.size(); i++) {
      if (replies.get(i) instanceof JedisDataException refused) {
        if (resend == null) {
          resend = new Resend();
        }
        resend.add(i, refused, pipeline.linkOf(i), nodes, repeatable, first);
      }
    }
    return resend;
  }

  private void add(
      int command,
      JedisDataException reply,
      @Nullable NodeLink link,
      RedisNodes nodes,
      boolean repeatable,
      boolean first) {
    switch (reply) {
      case JedisMovedDataException moved -> {
        nodes.moved(moved.getSlot(), target(moved.getTargetNode(), link));
        commands.set(command);
      }
      case JedisAskDataException ask -> {
        asked.put(command, target(ask.getTargetNode(), link));
        commands.set(command);
      }
      case LostReplyException lost when first -> {
        doubtsMasters = true;
        if (lost.stale() && repeatable) {
          commands.set(command);
        } else if (!lost.sent() || repeatable) {
          ifMastersChange.set(command);
        }
      }
      case JedisClusterException _ when first -> {
        doubtsMasters = true;
        commands.set(command);
      }
      default -> {
        String message = String.valueOf(reply.getMessage());
        if (message.startsWith("TRYAGAIN")) {
          pauses = true;
          commands.set(command);
        } else if (first && link != null && isNoMaster(message)) {
          doubtsMasters = true;
          link.drop();
          commands.set(command);
        }
      }
    }
  }

  /** A node that does not say which host it is means the one that was asked. */
  private static HostAndPort target(HostAndPort named, @Nullable NodeLink asked) {
    return named.getHost().isEmpty() && asked != null
        ? new HostAndPort(asked.address().getHost(), named.getPort())
        : named;
  }

  /** Redis 6 puts what a script ran into in the middle of its reply. */
  private static boolean isNoMaster(String message) {
    return message.startsWith("READONLY")
        || message.contains("-READONLY ")
        || message.startsWith("LOADING")
        || message.startsWith("MASTERDOWN");
  }

  /** Whether the masters are to be looked for before anything is sent again. */
  boolean doubtsMasters() {
    return doubtsMasters;
  }

  /** Adds what is of use only on other masters: they have changed. */
  void mastersChanged() {
    commands.or(ifMastersChange);
  }

  /** Whether sending again at once is of no use. */
  boolean pauses() {
    return pauses;
  }

  boolean isEmpty() {
    return commands.isEmpty();
  }

  boolean contains(int command) {
    return commands.get(command);
  }

  /** The node that was named for this command alone. */
  @Nullable HostAndPort asked(int command) {
    return asked.get(command);
  }
}
