package io.clientele.featurestore.store;

import io.clientele.grpc.UnavailableException;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import redis.clients.jedis.exceptions.JedisDataException;

/** One caller's read of the states of some customers. Worked on by one thread at a time. */
final class StateRead implements Work {
  private final CustomerKey[] keys;
  private final StateFields fields;
  private final BooleanSupplier abandoned;
  private final long createdNs = System.nanoTime();
  private final CompletableFuture<List<StoredState>> states = new CompletableFuture<>();
  private boolean forLanes;

  /**
   * @param fields those wanted
   * @param abandoned whether nobody waits for the answer any more
   */
  StateRead(CustomerKey[] keys, StateFields fields, BooleanSupplier abandoned) {
    this.keys = keys;
    this.fields = fields;
    this.abandoned = abandoned;
  }

  /** From now on it is for nobody but a lane. */
  void leaveToLanes() {
    forLanes = true;
  }

  boolean isForLanes() {
    return forLanes;
  }

  /** What comes of it, one a customer. */
  CompletableFuture<List<StoredState>> states() {
    return states;
  }

  long createdNs() {
    return createdNs;
  }

  /** Sends a command a customer. */
  void send(Pipeline pipeline) {
    for (CustomerKey key : keys) {
      fields.send(pipeline, key);
    }
  }

  /** Writes the same commands. */
  void write(ByteBuf out) {
    for (CustomerKey key : keys) {
      fields.write(out, key);
    }
  }

  /** Ends it with a reply a customer; fails it where one is an error. */
  void complete(List<?> replies) {
    var read = new ArrayList<StoredState>(replies.size());
    for (Object reply : replies) {
      if (reply instanceof JedisDataException refused) {
        fail(new UnavailableException("redis", refused));
        return;
      }
      read.add(StoredState.ofReply(fields, reply));
    }
    states.complete(read);
  }

  @Override
  public int weight() {
    return keys.length;
  }

  @Override
  public boolean abandoned() {
    return abandoned.getAsBoolean();
  }

  @Override
  public void fail(Throwable cause) {
    states.completeExceptionally(cause);
  }
}
