package io.clientele.featurestore.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import java.util.List;
import redis.clients.jedis.Protocol.Command;

/**
 * Which fields of a customer's hash to read: always version and summary, and what else is wanted.
 * Immutable.
 */
public final class StateFields {
  static final byte[] VERSION = {'v'};
  static final byte[] SUMMARY = {'s'};
  static final byte[] LEDGER = {'l'};
  static final byte[] TAIL = {'t'};
  static final byte[] FORGOTTEN = {'f'};

  private static final byte[] HMGET = Command.HMGET.getRaw();

  private static final StateFields SUMMARY_ONLY = new StateFields(false, List.of());
  private static final StateFields WHOLE = new StateFields(true, List.of());

  private final boolean whole;
  private final List<String> groups;
  private final byte[][] names;

  /** What reading features needs, with these groups. */
  public static StateFields reading(List<String> groups) {
    return groups.isEmpty() ? SUMMARY_ONLY : new StateFields(false, groups);
  }

  /** What folding changes needs, with these groups: also ledger, tail and when it was forgotten. */
  public static StateFields writing(List<String> groups) {
    return groups.isEmpty() ? WHOLE : new StateFields(true, groups);
  }

  private StateFields(boolean whole, List<String> groups) {
    this.whole = whole;
    this.groups = List.copyOf(groups);
    names = new byte[(whole ? 5 : 2) + groups.size()][];
    names[0] = VERSION;
    names[1] = SUMMARY;
    if (whole) {
      names[2] = LEDGER;
      names[3] = TAIL;
      names[4] = FORGOTTEN;
    }
    for (int g = 0; g < groups.size(); g++) {
      names[names.length - groups.size() + g] = group(groups.get(g));
    }
  }

  /** The field of a group. */
  static byte[] group(String name) {
    return ("g:" + name).getBytes(US_ASCII);
  }

  boolean whole() {
    return whole;
  }

  List<String> groups() {
    return groups;
  }

  /** Where the groups begin in a reply. */
  int firstGroup() {
    return names.length - groups.size();
  }

  void send(Pipeline pipeline, CustomerKey key) {
    byte[][] arguments = new byte[names.length + 1][];
    arguments[0] = key.state();
    System.arraycopy(names, 0, arguments, 1, names.length);
    pipeline.send(key.bucket(), Command.HMGET, arguments);
  }

  /** Writes the same command. */
  void write(ByteBuf out, CustomerKey key) {
    Commands.head(out, names.length + 2);
    Commands.word(out, HMGET);
    Commands.word(out, key.state());
    for (byte[] name : names) {
      Commands.word(out, name);
    }
  }
}
