package io.clientele.featurestore.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * How many replicas must have all that a reply tells of, before the reply counts. Otherwise an
 * error stands in its place.
 *
 * <p>A round of commands to a node ends with a mark, the key {@code {b17}:mark}, and with WAIT. The
 * mark is there because servers differ in what WAIT waits for on a connection that only reads:
 * Redis up to 7 waits for all that was written before, Valkey 9 for nothing.
 *
 * @param replicas 0 for none
 * @param limitMs how long to wait for them
 */
record Replication(int replicas, int limitMs) {
  /** Waits for no replica. */
  static final Replication NONE = new Replication(0, 0);

  private static final int COMMANDS = 2;
  private static final byte[] NOTHING = {};

  /** Ends a round with what it takes. */
  void send(NodeLink link, int bucket) {
    if (replicas > 0) {
      link.send(bucket, Command.SET, ascii("{b" + bucket + "}:mark"), NOTHING);
      link.send(
          bucket,
          Command.WAIT,
          ascii(Integer.toString(replicas)),
          ascii(Integer.toString(limitMs)));
    }
  }

  /** Takes its own replies off the end of a round's. */
  List<Object> check(List<Object> replies) {
    if (replicas == 0) {
      return replies;
    }
    Object reached = replies.getLast();
    List<Object> others = new ArrayList<>(replies.subList(0, replies.size() - COMMANDS));
    if (!(reached instanceof Long count && count >= replicas)) {
      Collections.fill(others, tooFew(reached));
    }
    return others;
  }

  private JedisDataException tooFew(Object reached) {
    return reached instanceof JedisDataException refused
        ? refused
        : new JedisDataException(
            "NOREPLICAS written to " + reached + " replicas (expected: " + replicas + ")");
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
