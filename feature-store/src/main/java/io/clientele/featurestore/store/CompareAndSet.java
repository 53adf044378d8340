package io.clientele.featurestore.store;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Writes fields of some customers' hashes, and their changes into the feed as one entry, but for
 * customers whom somebody else has changed since their states were read. The customers are of one
 * bucket, at most {@link #MAX_CUSTOMERS}, so that nobody waits long for the script to end.
 *
 * <p>Where the bucket's counter of changes is what it was before the states were read, nobody has
 * changed any customer of the bucket; else each customer's version is looked at. A customer without
 * a state may have a tombstone, which is always looked at.
 *
 * <p>It answers with an array: the bucket's counter as it is now, then of each customer 1, or 0
 * where nothing was done, or the error of a key that is no customer's.
 */
final class CompareAndSet {
  /** Some 0.2 ms of Redis's time, with states of a few hundred bytes. */
  static final int MAX_CUSTOMERS = 32;

  /** Stands for a counter that was not read. */
  static final long NOT_READ = -1;

  /** One more than no version is. */
  private static final long NO_VERSION = 0;

  /**
   * Keys: the feed, its counter, and of each customer the state, with the tombstone behind it where
   * no state was read. Arguments: the bucket, how many changes the feed keeps, the counter as it
   * was read, how many customers have a state, who come first; then of each how many fields' names
   * and values there are, the id, the change, and the fields: the version, which is one more than
   * what was read, and the others.
   */
  private static final Script SCRIPT =
      new Script(
          """
          local last = redis.call('GET', KEYS[2]) or '0'
          local unchanged = last == ARGV[3]
          local known, customer, key, arg = tonumber(ARGV[4]), 0, 3, 5
          local outcomes, entry, passed = {0}, {'s', ''}, {}
          while arg <= #ARGV do
            local state = key
            customer, key = customer + 1, key + 1
            if customer > known then
              key = key + 1
            end
            local same = unchanged and customer <= known
            if not same then
              local version = not unchanged and redis.pcall('HGET', KEYS[state], 'v')
              if not version and customer > known then
                version = redis.pcall('HGET', KEYS[state + 1], 'v') or '0'
              end
              same = version == string.format('%d', ARGV[arg + 4] - 1)
            end
            outcomes[customer + 1] = 0
            if same then
              entry[#entry + 1] = ARGV[arg + 1]
              entry[#entry + 1] = ARGV[arg + 2]
              passed[#passed + 1] = {customer, state, arg}
            end
            arg = arg + 3 + ARGV[arg]
          end
          if #passed > 0 then
            last = redis.call('INCRBY', KEYS[2], #passed)
            redis.call('XADD', KEYS[1], 'MINID', '~', math.max(last + 1 - ARGV[2], 0),
                last .. '-0', unpack(entry))
            for _, one in ipairs(passed) do
              local arg = one[3]
              local done = redis.pcall('HSET', KEYS[one[2]], unpack(ARGV, arg + 3, arg + 2 + ARGV[arg]))
              outcomes[one[1] + 1] = type(done) == 'table' and done or 1
            end
            redis.call('PUBLISH', 'clientele:changes', ARGV[1])
          end
          outcomes[1] = tonumber(last)
          return outcomes
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
   * What is to be written of a customer.
   *
   * @param read the state that it is to replace
   * @param what the event types and groups that have changed
   * @param fields but for the version
   * @param doubted whether to write nothing, whatever is there
   */
  record Write(
      CustomerKey key,
      StoredState read,
      Collection<String> what,
      List<Field> fields,
      boolean doubted) {
    private void addTo(List<byte[]> keys, List<byte[]> arguments) {
      byte[] version = Script.ascii(doubted ? NO_VERSION : read.version() + 1);
      keys.add(key.state());
      if (!read.exists()) {
        keys.add(key.tombstone());
      }
      arguments.add(Script.ascii(2 + 2 * fields.size()));
      arguments.add(key.customer());
      arguments.add(FeedSet.change(version, what));
      arguments.add(StateFields.VERSION);
      arguments.add(version);
      for (Field field : fields) {
        arguments.add(field.name);
        arguments.add(field.value);
      }
    }
  }

  /**
   * Sends it.
   *
   * @param scriptKnown whether Redis has seen the script since it was started
   * @param counter the bucket's, read before any of the states; or {@link #NOT_READ}
   * @param writes of customers of the bucket: first those of whom a state was read
   * @param feedEntries how many changes the feed keeps
   */
  static void send(
      Pipeline pipeline,
      boolean scriptKnown,
      BucketKeys bucket,
      long counter,
      List<Write> writes,
      int feedEntries) {
    var keys = new ArrayList<byte[]>(2 + 2 * writes.size());
    var arguments = new ArrayList<byte[]>(4 + 9 * writes.size());
    keys.add(bucket.feed());
    keys.add(bucket.counter());
    int known = 0;
    for (Write write : writes) {
      known += write.read().exists() ? 1 : 0;
    }
    arguments.add(Script.ascii(bucket.bucket()));
    arguments.add(Script.ascii(feedEntries));
    arguments.add(Script.ascii(counter));
    arguments.add(Script.ascii(known));
    for (Write write : writes) {
      write.addTo(keys, arguments);
    }
    SCRIPT.send(pipeline, scriptKnown, bucket.bucket(), keys, arguments);
  }
}
