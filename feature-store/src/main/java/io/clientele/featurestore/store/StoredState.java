package io.clientele.featurestore.store;

import io.clientele.featurestore.engine.PackedState;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.util.SafeEncoder;

/**
 * What Redis holds of a customer: the fields of one hash. Its arrays are not to be changed.
 *
 * <p>{@code v}, the version, is a decimal number that grows by one with each change; {@code s} is
 * the summary, from which features follow; {@code l} is the ledger, by which a repeated event is
 * known; {@code t}, where there is one, is the tail, what came since the ledger was written. These
 * are packed by the engine and written together. {@code g:<group>} is a pushed group. {@code f} is
 * there where the customer was forgotten once and came back: when that was, in milliseconds since
 * 1970 UTC.
 */
public final class StoredState {
  private static final byte[] NOTHING = new byte[0];
  private static final int PLAIN_DIGITS = 18; // that a long holds whatever they are

  /** Of a customer who has none. */
  public static final StoredState NONE =
      new StoredState(false, 0, NOTHING, NOTHING, NOTHING, Long.MIN_VALUE, List.of());

  private final boolean exists;
  private final long version;
  private final byte[] summary;
  private final byte[] ledger;
  private final byte[] tail;
  private final long forgottenMs;
  private final List<byte @Nullable []> groups;

  private StoredState(
      boolean exists,
      long version,
      byte[] summary,
      byte[] ledger,
      byte[] tail,
      long forgottenMs,
      List<byte @Nullable []> groups) {
    this.exists = exists;
    this.version = version;
    this.summary = summary;
    this.ledger = ledger;
    this.tail = tail;
    this.forgottenMs = forgottenMs;
    this.groups = groups;
  }

  /**
   * Reads a reply to HMGET.
   *
   * @param fields those that were asked for
   */
  @SuppressWarnings("unchecked") // what Jedis makes of an array of bulk strings
  static StoredState ofReply(StateFields fields, Object reply) {
    var values = (List<byte @Nullable []>) reply;
    byte[] version = values.get(0);
    if (version == null) {
      return NONE;
    }
    byte[] forgotten = fields.whole() ? values.get(4) : null;
    return new StoredState(
        true,
        number(version),
        orNothing(values.get(1)),
        fields.whole() ? orNothing(values.get(2)) : NOTHING,
        fields.whole() ? orNothing(values.get(3)) : NOTHING,
        forgotten == null ? Long.MIN_VALUE : number(forgotten),
        fields.groups().isEmpty() ? List.of() : values.subList(fields.firstGroup(), values.size()));
  }

  /** A state that is not in Redis, without groups. */
  public static StoredState of(long version, PackedState packed) {
    return of(version, packed, Long.MIN_VALUE);
  }

  /** The same of a customer who was forgotten once and came back. */
  static StoredState of(long version, PackedState packed, long forgottenMs) {
    return new StoredState(
        true, version, packed.summary(), packed.ledger(), packed.tail(), forgottenMs, List.of());
  }

  /** The next version of a customer's events, without groups. */
  StoredState then(PackedState packed) {
    return of(version + 1, packed, forgottenMs);
  }

  /** The state of a customer without any, who was forgotten: as the tombstone says. */
  static StoredState ofTombstone(byte @Nullable [] version, byte @Nullable [] forgotten) {
    return version == null || forgotten == null
        ? NONE
        : new StoredState(
            false, number(version), NOTHING, NOTHING, NOTHING, number(forgotten), List.of());
  }

  private static byte[] orNothing(byte @Nullable [] value) {
    return value == null ? NOTHING : value;
  }

  private static long number(byte[] text) {
    long number = 0;
    boolean plain = text.length > 0 && text.length <= PLAIN_DIGITS;
    for (int i = 0; i < text.length && plain; i++) {
      int digit = text[i] - '0';
      plain = digit >= 0 && digit <= 9;
      number = 10 * number + digit;
    }
    return plain ? number : Long.parseLong(SafeEncoder.encode(text));
  }

  /** Whether anything is held of the customer. */
  public boolean exists() {
    return exists;
  }

  /** 0 for a customer of whom nothing was ever held. */
  public long version() {
    return version;
  }

  /** Empty where the customer has no events. */
  public byte[] summary() {
    return summary;
  }

  /** Empty where it was not read. */
  public byte[] ledger() {
    return ledger;
  }

  /** Empty where there is none, or where it was not read. */
  public byte[] tail() {
    return tail;
  }

  /** When the customer was forgotten, in milliseconds since 1970 UTC; else the least number. */
  long forgottenMs() {
    return forgottenMs;
  }

  /**
   * The packed values of a group; empty where the customer has none.
   *
   * @param place among the groups that were asked for
   */
  public byte[] group(int place) {
    return groups.isEmpty() ? NOTHING : orNothing(groups.get(place));
  }

  /** How many bytes were read, but for the version. */
  public int bytes() {
    int bytes = summary.length + ledger.length + tail.length;
    for (byte @Nullable [] group : groups) {
      bytes += orNothing(group).length;
    }
    return bytes;
  }
}
