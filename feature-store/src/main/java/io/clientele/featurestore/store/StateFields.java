package io.clientele.featurestore.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.List;
import redis.clients.jedis.Protocol.Command;

/**
 * Which fields of a customer's hash to read: always version and summary, and what else is wanted.
 * Immutable.
 */
final class StateFields {
  static final byte[] VERSION = {'v'};
  static final byte[] SUMMARY = {'s'};
  static final byte[] LEDGER = {'l'};
  static final byte[] FORGOTTEN = {'f'};

  /** Version and summary. */
  static final StateFields SUMMARIES = new StateFields(false, List.of());

  private final boolean whole;
  private final List<String> groups;
  private final byte[][] names;

  /**
   * @param whole whether the ledger is wanted, and when the customer was forgotten
   * @param groups those wanted
   */
  StateFields(boolean whole, List<String> groups) {
    this.whole = whole;
    this.groups = List.copyOf(groups);
    names = new byte[(whole ? 4 : 2) + groups.size()][];
    names[0] = VERSION;
    names[1] = SUMMARY;
    if (whole) {
      names[2] = LEDGER;
      names[3] = FORGOTTEN;
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
}
