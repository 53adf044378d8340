package io.clientele.featurestore.store;

import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.commands.ProtocolCommand;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * One lane's connection to one node. It opens itself when it is first used and again after it was
 * lost, but no sooner than a pause after a failure: until then it fails at once. The pause grows,
 * and is at least four times as long as the failed attempt took, so that a node that hangs takes a
 * fifth of a lane's time at most.
 *
 * <p>Commands go in rounds: sent, flushed, replied to. What goes wrong in a round becomes the reply
 * to each of its commands.
 *
 * <p>One thread makes rounds; any thread may abort one or end a pause.
 */
final class NodeLink {
  private static final long FIRST_PAUSE_NS = 20_000_000;
  private static final long LONGEST_PAUSE_NS = 500_000_000;
  private static final int PAUSE_PER_ATTEMPT = 4;

  private final HostAndPort address;
  private final Dialer dialer;
  private final StoreFormat format;
  private final Replication replication;

  private @Nullable NodeConnection connection;
  private long openings;
  private int limitMs;
  private long pauseNs;
  private long pausedSinceNs;

  private int sent;
  private int firstBucket;
  private boolean openedNow;
  private @Nullable LostReplyException lost;

  private volatile @Nullable JedisException lastFailure;
  private volatile @Nullable OneSocket socket;

  /**
   * @param format is checked on each connection before anything else is sent on it
   * @param replication what each round waits for
   */
  NodeLink(HostAndPort address, Dialer dialer, StoreFormat format, Replication replication) {
    this.address = address;
    this.dialer = dialer;
    this.format = format;
    this.replication = replication;
  }

  HostAndPort address() {
    return address;
  }

  /** How many connections it has opened. */
  long openings() {
    return openings;
  }

  /** Whether something was sent in this round. */
  boolean isUsed() {
    return sent > 0;
  }

  /**
   * Sends a command.
   *
   * @param bucket one that is on this node
   */
  void send(int bucket, ProtocolCommand command, byte[]... arguments) {
    if (sent == 0) {
      firstBucket = bucket;
    }
    sent++;
    if (lost != null) {
      return;
    }
    try {
      connect().sendCommand(command, arguments);
    } catch (JedisException e) {
      lose(e);
    }
  }

  /** Sends off what was sent in this round. */
  void flush() {
    replication.send(this, firstBucket);
    NodeConnection open = connection;
    if (lost == null && open != null) {
      try {
        open.sendOff();
      } catch (JedisConnectionException e) {
        lose(e);
      }
    }
  }

  /**
   * Waits for the replies of this round and ends it.
   *
   * @param timeLeftMs how long each may take to come
   * @return one a command; can be changed
   */
  List<Object> replies(int timeLeftMs) {
    NodeConnection open = connection;
    List<Object> replies = List.of();
    if (lost == null && open != null) {
      try {
        limit(open, timeLeftMs);
        replies = open.getMany(sent);
      } catch (JedisConnectionException e) {
        lose(e);
      }
    }
    if (lost != null) {
      replies = new ArrayList<>(Collections.nCopies(sent, lost));
    }
    end();
    return replication.check(replies);
  }

  private void limit(NodeConnection open, int timeLeftMs) {
    if (limitMs != timeLeftMs) {
      open.setSoTimeout(timeLeftMs);
      limitMs = timeLeftMs;
    }
  }

  /** Ends the round with its connection, or the next would read this one's replies. */
  void discard() {
    drop();
    end();
  }

  private void end() {
    sent = 0;
    openedNow = false;
    lost = null;
  }

  private void lose(JedisException e) {
    boolean open = connection != null;
    boolean timeout = e.getCause() instanceof SocketTimeoutException;
    lost = new LostReplyException(e, open, open && !openedNow && !timeout);
    drop();
  }

  /**
   * The connection, opened where it is not open.
   *
   * @throws JedisException if the node cannot be reached or must not be used
   */
  NodeConnection connect() {
    NodeConnection open = connection;
    if (open != null) {
      return open;
    }
    long startNs = System.nanoTime();
    JedisException failure = lastFailure;
    if (failure != null && startNs - pausedSinceNs < pauseNs) {
      throw failure;
    }
    try {
      open = open();
    } catch (JedisException e) {
      long grown = failure == null ? FIRST_PAUSE_NS : Math.min(2 * pauseNs, LONGEST_PAUSE_NS);
      pausedSinceNs = System.nanoTime();
      pauseNs = Math.max(grown, PAUSE_PER_ATTEMPT * (pausedSinceNs - startNs));
      lastFailure = e;
      throw e;
    }
    lastFailure = null;
    limitMs = open.getSoTimeout();
    connection = open;
    openedNow = true;
    openings++;
    return open;
  }

  private NodeConnection open() {
    OneSocket fresh = dialer.socket(address);
    socket = fresh;
    NodeConnection open = dialer.open(fresh);
    try {
      format.check(open, address);
      return open;
    } catch (RuntimeException e) {
      fresh.abort();
      throw e;
    }
  }

  /** Ends the pause after a failure: the node is there again. */
  void resume() {
    lastFailure = null;
  }

  /** Ends what is being sent or read. */
  void abort() {
    OneSocket current = socket;
    if (current != null) {
      current.abort();
    }
  }

  /** Ends the connection; the next round opens another. */
  void drop() {
    abort();
    connection = null;
  }
}
