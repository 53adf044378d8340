package io.clientele.featurestore.store;

import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.util.SafeEncoder;

/**
 * What Redis holds of a customer: the fields of one hash. Its arrays are not to be changed.
 *
 * <p>{@code v}, the version, is a decimal number that grows by one with each change; {@code s} is
 * the summary, from which features follow; {@code l} is the ledger, by which a repeated event is
 * known. The last two are packed by the engine and written together.
 */
public final class StoredState {
  /** Of a customer who has none. */
  public static final StoredState NONE = new StoredState(0, new byte[0], new byte[0]);

  private static final byte[] VERSION = {'v'};
  private static final byte[] SUMMARY = {'s'};
  private static final byte[] LEDGER = {'l'};

  private final long version;
  private final byte[] summary;
  private final byte[] ledger;

  private StoredState(long version, byte[] summary, byte[] ledger) {
    this.version = version;
    this.summary = summary;
    this.ledger = ledger;
  }

  /**
   * Reads a reply to HMGET.
   *
   * @param reply the version, the summary and, where it was asked for, the ledger
   */
  @SuppressWarnings("unchecked") // what Jedis makes of an array of bulk strings
  static StoredState ofReply(Object reply) {
    var fields = (List<byte @Nullable []>) reply;
    byte[] version = fields.get(0);
    byte[] summary = fields.get(1);
    if (version == null || summary == null) {
      return NONE;
    }
    byte[] ledger = fields.size() > 2 ? fields.get(2) : null;
    return new StoredState(
        Long.parseLong(SafeEncoder.encode(version)),
        summary,
        ledger == null ? NONE.ledger : ledger);
  }

  static void sendRead(Pipeline pipeline, CustomerKey key, boolean withLedger) {
    if (withLedger) {
      pipeline.send(key.bucket(), Command.HMGET, key.bytes(), VERSION, SUMMARY, LEDGER);
    } else {
      pipeline.send(key.bucket(), Command.HMGET, key.bytes(), VERSION, SUMMARY);
    }
  }

  /** Whether the customer has state. */
  public boolean exists() {
    return version > 0;
  }

  /** 0 for a customer without state. */
  public long version() {
    return version;
  }

  public byte[] summary() {
    return summary;
  }

  /** Empty where it was not read. */
  public byte[] ledger() {
    return ledger;
  }
}
