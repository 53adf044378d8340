package io.clientele.featurestore.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Writes fields of a customer's hash, and the change into the feed, unless somebody else has
 * changed the customer since the state was read. It answers 1, or 0 where nothing was done.
 */
final class CompareAndSet {
  private static final Script SCRIPT =
      new Script(
          """
          local version = redis.call('HGET', KEYS[1], 'v') or redis.call('HGET', KEYS[2], 'v') or '0'
          if version ~= ARGV[1] then
            return 0
          end
          local n = redis.call('INCR', KEYS[4])
          redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[5], n .. '-0',
              'c', ARGV[3], 'v', ARGV[2], 'k', ARGV[4])
          redis.call('HSET', KEYS[1], 'v', ARGV[2], unpack(ARGV, 7))
          redis.call('PUBLISH', 'clientele:changes', ARGV[6])
          return 1
          """);

  private CompareAndSet() {}

  /** A field of the hash and its new value. */
  static final class Field {
    private final byte[] name;
    private final byte[] value;

    Field(byte[] name, byte[] value) {
      this.name = name;
      this.value = value;
    }
  }

  /**
   * Sends it.
   *
   * @param scriptKnown whether Redis has seen the script since it was started
   * @param what the event types and groups that have changed
   * @param fields at least one
   * @param feedEntries how many changes the feed keeps
   */
  static void send(
      Pipeline pipeline,
      boolean scriptKnown,
      CustomerKey key,
      long readVersion,
      Collection<String> what,
      List<Field> fields,
      int feedEntries) {
    var arguments = new ArrayList<byte[]>(6 + 2 * fields.size());
    arguments.add(Script.ascii(readVersion));
    arguments.add(Script.ascii(readVersion + 1));
    arguments.add(key.customer());
    arguments.add(String.join(" ", what).getBytes(US_ASCII));
    arguments.add(Script.ascii(feedEntries));
    arguments.add(Script.ascii(key.bucket()));
    for (Field field : fields) {
      arguments.add(field.name);
      arguments.add(field.value);
    }
    SCRIPT.send(pipeline, scriptKnown, key, arguments.toArray(new byte[0][]));
  }
}
