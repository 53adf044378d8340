package io.clientele.featurestore.store;

import io.clientele.grpc.UnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.commands.ProtocolCommand;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * One lane's way to Redis: a connection to each node that it needs. A trip sends its commands to
 * all their nodes, then waits for all replies. Where a node says that a key is elsewhere, or that
 * it is no longer a master, the commands concerned go to where they belong, within the same trip.
 *
 * <p>One thread makes trips; any thread may abort one or end a pause.
 */
final class RedisConnection implements AutoCloseable {
  /** How often a trip sends something again at most, with pauses that double. */
  private static final int MAX_ROUNDS = 8;

  private static final long FIRST_PAUSE_NS = 1_000_000;

  private final RedisNodes nodes;
  private final StoreFormat format;
  private final RedisRefusals refusals;
  private final NodeLinks links;
  private final int limitMs;
  private final long tripLimitNs;

  private @Nullable Pipeline pipeline;
  private boolean sentAgain;

  private volatile long tripStartNs;
  private volatile boolean inTrip;
  private volatile long generation;

  /**
   * @param name the client's name in Redis, such as {@code read-1}
   * @param nodes shared by all connections to the same store
   * @param format is checked on each connection before anything else is sent on it
   * @param replication what each trip waits for
   * @param refusals counts what Redis refuses
   */
  RedisConnection(
      RedisSettings settings,
      String name,
      RedisNodes nodes,
      StoreFormat format,
      Replication replication,
      RedisRefusals refusals) {
    this.nodes = nodes;
    this.format = format;
    this.refusals = refusals;
    Dialer dialer = settings.dialer(name);
    links = new NodeLinks(address -> new NodeLink(address, dialer, format, replication));
    limitMs = Math.toIntExact(settings.timeout().toMillis());
    tripLimitNs = settings.connectTimeout().plus(settings.timeout()).toNanos();
  }

  /**
   * Sends commands as one pipeline and reads their replies. Where a connection turns out to have
   * been lost since the last trip, its commands are sent again on a new one: for commands that
   * change nothing.
   *
   * @param commands hands in the same commands in the same order each time that it is called
   * @return a reply a command, in a list that can be changed; those that Redis refused, and those
   *     of a node that is away, are JedisDataExceptions
   * @throws UnavailableException if no node answers in time
   */
  List<Object> read(Consumer<Pipeline> commands) {
    return trip(commands, true);
  }

  /** As {@link #read}, but what Redis may have carried out is never sent again. */
  List<Object> write(Consumer<Pipeline> commands) {
    return trip(commands, false);
  }

  /** Grows as {@link #generation} does, but at once. By the thread that makes the trips. */
  long openings() {
    return links.changes();
  }

  /**
   * Whether the last trip has sent some commands again: they were carried out later than others
   * that were handed in behind them. By the thread that makes the trips.
   */
  boolean sentAgain() {
    return sentAgain;
  }

  private List<Object> trip(Consumer<Pipeline> commands, boolean repeatable) {
    begin();
    boolean ended = false;
    try {
      List<Object> replies = rounds(commands, repeatable);
      ended = true;
      return requireAny(replies);
    } finally {
      end(ended);
    }
  }

  private List<Object> rounds(Consumer<Pipeline> commands, boolean repeatable) {
    Nodes now = known();
    Pipeline round = pipeline(now);
    sentAgain = false;
    round.begin(now, null);
    commands.accept(round);
    List<Object> replies = round.replies(limitMs);
    for (int i = 0; i < MAX_ROUNDS; i++) {
      Resend resend = Resend.of(replies, round, nodes, repeatable, i == 0);
      if (resend == null) {
        return replies;
      }
      now = next(resend, now, i);
      int leftMs = leftMs();
      if (resend.isEmpty() || leftMs <= 0) {
        break;
      }
      sentAgain = true;
      round.begin(now, resend);
      commands.accept(round);
      round.replaceReplies(replies, leftMs);
    }
    refusals.count(replies);
    return replies;
  }

  private Nodes next(Resend resend, Nodes before, int round) {
    if (resend.doubtsMasters()) {
      Nodes refreshed = nodes.refresh(before);
      if (refreshed != before) {
        resend.mastersChanged();
      }
    }
    if (resend.pauses()) {
      LockSupport.parkNanos(FIRST_PAUSE_NS << round);
    }
    return nodes.current();
  }

  /**
   * Sends one command to every master: one that changes nothing.
   *
   * @return a reply a master, as of {@link #read}
   * @throws UnavailableException if no master answers in time
   */
  List<Object> readEach(ProtocolCommand command, byte[]... arguments) {
    begin();
    boolean ended = false;
    try {
      Nodes now = known();
      List<Object> replies = each(now, command, arguments);
      if (replies.stream().anyMatch(LostReplyException.class::isInstance)) {
        replies = each(nodes.refresh(now), command, arguments);
      }
      ended = true;
      return requireAny(replies);
    } finally {
      end(ended);
    }
  }

  private List<Object> each(Nodes now, ProtocolCommand command, byte[]... arguments) {
    links.follow(now);
    links.forEachMaster(link -> link.send(0, command, arguments));
    links.forEachMaster(NodeLink::flush);
    var replies = new ArrayList<Object>();
    links.forEachMaster(link -> replies.add(link.replies(Math.max(1, leftMs())).getFirst()));
    return replies;
  }

  private void begin() {
    tripStartNs = System.nanoTime();
    inTrip = true;
  }

  private void end(boolean whole) {
    inTrip = false;
    if (!whole) {
      links.forEach(NodeLink::discard);
    }
    generation = links.changes();
  }

  private int leftMs() {
    return limitMs - (int) TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - tripStartNs);
  }

  /** The nodes, of which the one that has the store's form has been asked for it. */
  private Nodes known() {
    try {
      Nodes now = nodes.current();
      if (!format.isKnown()) {
        links.follow(now);
        askForm(now);
      }
      return now;
    } catch (JedisException e) {
      throw new UnavailableException("redis", e);
    }
  }

  private void askForm(Nodes now) {
    try {
      NodeLink owner = links.ofMaster(now.ofForm());
      if (owner == null) {
        throw new JedisConnectionException("no node has the form of the store");
      }
      owner.connect();
    } catch (JedisException e) {
      nodes.refresh(now);
      throw e;
    }
  }

  private Pipeline pipeline(Nodes now) {
    Pipeline made = pipeline;
    if (made == null) {
      made = new Pipeline(links, now);
      pipeline = made;
    }
    return made;
  }

  private static List<Object> requireAny(List<Object> replies) {
    if (!replies.isEmpty() && replies.getFirst() instanceof LostReplyException lost) {
      for (Object reply : replies) {
        if (!(reply instanceof LostReplyException)) {
          return replies;
        }
      }
      throw new UnavailableException("redis", lost.getCause());
    }
    return replies;
  }

  /**
   * Grows with each connection that was opened, and whenever the nodes changed: what a node said
   * before may have been lost. To be read by any thread.
   */
  long generation() {
    return generation;
  }

  /** Ends the pauses after failures: Redis is there again. */
  void resume() {
    links.forEach(NodeLink::resume);
  }

  /**
   * Ends a trip that takes longer than it may, for what no socket timeout ends: a blocked write.
   */
  void abortOverdue() {
    if (inTrip && System.nanoTime() - tripStartNs > tripLimitNs) {
      abort();
    }
  }

  /** Ends the trip in flight, if any. */
  void abort() {
    links.forEach(NodeLink::abort);
  }

  /** By the thread that makes the trips. */
  @Override
  public void close() {
    links.forEach(NodeLink::drop);
  }
}
