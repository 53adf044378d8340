package io.clientele.featurestore.store;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * The reads that an event loop has sent to Redis and that wait for replies, which come in the order
 * of the reads and of their customers. Reused from trip to trip. For one thread.
 */
final class LoopTrip {
  private static final int COMMAND_BYTES = 96; // about; the buffer grows

  private final Stages stages;

  /** Takes a read of which Redis has refused something. */
  private final Consumer<StateRead> refused;

  private final List<@Nullable Object> replies = new ArrayList<>();
  private List<StateRead> reads = List.of();
  private int ended;
  private long startNs;

  LoopTrip(Stages stages, Consumer<StateRead> refused) {
    this.stages = stages;
    this.refused = refused;
  }

  /** Whether nothing is on the way. */
  boolean isOver() {
    return reads.isEmpty();
  }

  /**
   * Begins, where nothing is on the way.
   *
   * @return whether there is anything to send
   */
  boolean begin(List<StateRead> wanted, long nowNs) {
    reads = wanted;
    startNs = nowNs;
    for (StateRead read : reads) {
      stages.queue().recordNs(nowNs - read.createdNs());
    }
    return !reads.isEmpty();
  }

  /** About how many bytes its commands take. */
  int bytes() {
    int customers = 0;
    for (StateRead read : reads) {
      customers += read.weight();
    }
    return customers * COMMAND_BYTES;
  }

  void write(ByteBuf out) {
    for (StateRead read : reads) {
      read.write(out);
    }
  }

  /** Takes the next reply, and ends the read of which it is the last. */
  void reply(@Nullable Object reply) {
    if (isOver()) {
      throw new JedisConnectionException("Redis replies to nothing");
    }
    replies.add(reply);
    StateRead read = reads.get(ended);
    if (replies.size() < read.weight()) {
      return;
    }
    boolean last = ended + 1 == reads.size();
    if (last) {
      stages.redis().recordNs(System.nanoTime() - startNs);
    }
    if (replies.stream().anyMatch(JedisDataException.class::isInstance)) {
      refused.accept(read);
    } else {
      read.complete(replies);
    }
    replies.clear();
    ended++;
    if (last) {
      clear();
    }
  }

  /** Ends the trip early; gives the reads that have not ended. */
  List<StateRead> stop() {
    List<StateRead> left = reads.subList(ended, reads.size());
    clear();
    return left;
  }

  private void clear() {
    replies.clear();
    reads = List.of();
    ended = 0;
  }
}
