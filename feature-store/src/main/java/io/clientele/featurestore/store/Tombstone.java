package io.clientele.featurestore.store;

import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;

/**
 * What is left for a set time of a customer who was forgotten: a hash with {@code v}, the version,
 * and {@code f}, when that was, in milliseconds since 1970 UTC. It does not name the customer.
 */
final class Tombstone {
  private Tombstone() {}

  static void sendRead(Pipeline pipeline, CustomerKey key) {
    pipeline.send(
        key.bucket(), Command.HMGET, key.tombstone(), StateFields.VERSION, StateFields.FORGOTTEN);
  }

  /** The state of a customer who has none, by the reply to {@link #sendRead}. */
  @SuppressWarnings("unchecked") // what Jedis makes of an array of bulk strings
  static StoredState ofReply(Object reply) {
    var fields = (List<byte @Nullable []>) reply;
    return StoredState.ofTombstone(fields.get(0), fields.get(1));
  }
}
