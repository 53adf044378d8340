package io.clientele.featurestore.store;

import io.clientele.grpc.UnavailableException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.util.SafeEncoder;

/**
 * Removes customers, each in one step: the state, the changes in the feed that name the customer;
 * and leaves a tombstone and a change that does not name anybody. Whoever has read the state before
 * and writes it later is refused by the version. Thread-safe.
 */
final class Forgetting implements AutoCloseable {
  private static final Script SCRIPT =
      new Script(
          """
          local held = redis.call('HGETALL', KEYS[1])
          local version = redis.call('HGET', KEYS[1], 'v') or redis.call('HGET', KEYS[2], 'v') or '0'
          local after = string.format('%d', tonumber(version) + 1)
          local feed, removed = redis.call('XRANGE', KEYS[3], '-', '+'), 0
          for _, entry in ipairs(feed) do
            local fields = entry[2]
            if fields[1] == 'c' and fields[2] == ARGV[1] then
              fields[1], fields[2], fields[3], fields[4], fields[5], fields[6] = 's', '', '', ''
              removed = removed + 1
            elseif fields[1] == 's' then
              for i = 3, #fields, 2 do
                if fields[i] == ARGV[1] then
                  fields[i], fields[i + 1] = '', ''
                  removed = removed + 1
                end
              end
            end
          end
          if removed > 0 then
            redis.call('DEL', KEYS[3])
            for _, entry in ipairs(feed) do
              redis.call('XADD', KEYS[3], entry[1], unpack(entry[2]))
            end
          end
          redis.call('DEL', KEYS[1])
          redis.call('HSET', KEYS[2], 'v', after, 'f', ARGV[3])
          redis.call('PEXPIRE', KEYS[2], ARGV[4])
          local n = redis.call('INCR', KEYS[4])
          redis.call('XADD', KEYS[3], 'MINID', '~', math.max(n + 1 - ARGV[5], 0), n .. '-0',
              'd', ARGV[2], 'v', after, 'k', '')
          redis.call('PUBLISH', 'clientele:changes', ARGV[6])
          return {after, removed, held}
          """);

  private static final int MAX_WAITING = 1_024;
  private static final int MAX_TRIP = 16;

  private final CustomerKeys keys;
  private final ChangeSettings settings;
  private final WaitingWork<Request> waiting =
      new WaitingWork<>("customers to forget", MAX_WAITING, MAX_TRIP);
  private final Lane<Request> lane;

  Forgetting(CustomerKeys keys, ChangeSettings settings, RedisConnection connection) {
    this.keys = keys;
    this.settings = settings;
    lane = Lane.start("redis-forget", waiting, connection, requests -> trip(connection, requests));
  }

  /**
   * Forgets a customer.
   *
   * @param nowMs when, in milliseconds since 1970 UTC
   * @param abandoned whether nobody waits for the answer any more
   */
  CompletableFuture<Forgotten> forget(String customerId, long nowMs, BooleanSupplier abandoned) {
    var request = new Request(keys.of(customerId), nowMs, abandoned);
    waiting.add(request);
    return request.result;
  }

  private void trip(RedisConnection redis, List<Request> requests) {
    List<Object> replies =
        redis.write(pipeline -> requests.forEach(request -> request.send(pipeline, settings)));
    for (int i = 0; i < requests.size(); i++) {
      requests.get(i).end(replies.get(i));
    }
  }

  @Override
  public void close() {
    waiting.close();
    lane.close();
  }

  private static final class Request implements Work {
    private final CustomerKey key;
    private final long nowMs;
    private final BooleanSupplier abandoned;
    private final CompletableFuture<Forgotten> result = new CompletableFuture<>();

    Request(CustomerKey key, long nowMs, BooleanSupplier abandoned) {
      this.key = key;
      this.nowMs = nowMs;
      this.abandoned = abandoned;
    }

    void send(Pipeline pipeline, ChangeSettings settings) {
      Duration life = settings.tombstoneLife();
      SCRIPT.send(
          pipeline,
          false, // rare enough to be sent whole
          key.bucket(),
          List.of(
              key.state(),
              key.tombstone(),
              key.keysOfBucket().feed(),
              key.keysOfBucket().counter()),
          List.of(
              key.customer(),
              CustomerDigest.of(key.customer()),
              Script.ascii(nowMs),
              Script.ascii(life.toMillis()),
              Script.ascii(settings.feedEntries()),
              Script.ascii(key.bucket())));
    }

    @SuppressWarnings("unchecked") // what Jedis makes of an array
    void end(Object reply) {
      if (reply instanceof JedisDataException refused) {
        fail(new UnavailableException("redis", refused));
        return;
      }
      var parts = (List<Object>) reply;
      var held = (List<byte[]>) parts.get(2);
      Map<String, byte[]> fields = HashMap.newHashMap(held.size() / 2);
      for (int i = 0; i < held.size(); i += 2) {
        fields.put(SafeEncoder.encode(held.get(i)), held.get(i + 1));
      }
      long version = Long.parseLong(SafeEncoder.encode((byte[]) parts.get(0)));
      result.complete(new Forgotten(version, Math.toIntExact((Long) parts.get(1)), fields));
    }

    @Override
    public int weight() {
      return 1;
    }

    @Override
    public boolean abandoned() {
      return abandoned.getAsBoolean();
    }

    @Override
    public void fail(Throwable cause) {
      result.completeExceptionally(cause);
    }
  }
}
