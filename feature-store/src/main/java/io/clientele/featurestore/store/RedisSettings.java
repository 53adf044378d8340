package io.clientele.featurestore.store;

import java.net.URI;
import java.time.Duration;
import java.util.regex.Pattern;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.util.JedisURIHelper;

/**
 * How to reach Redis and how much to ask of it.
 *
 * @param uri {@code redis://[user:password@]host[:port][/db]}, or {@code rediss} for TLS
 * @param connectTimeout how long opening a connection may take
 * @param timeout how long a trip to Redis may take, however much it carries
 * @param buckets how many buckets customers are spread over; a store keeps the number that it was
 *     made with
 * @param readLanes threads that read, each with a connection of its own
 * @param writeLanes threads that write, each with a connection and buckets of its own
 * @param maxWaitingReads how many customers may wait to be read before a read is refused
 * @param maxWaitingEvents how many events may wait to be written before a batch is refused
 */
public record RedisSettings(
    URI uri,
    Duration connectTimeout,
    Duration timeout,
    int buckets,
    int readLanes,
    int writeLanes,
    int maxWaitingReads,
    int maxWaitingEvents) {
  public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofMillis(500);
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(2);
  public static final int DEFAULT_BUCKETS = 256;
  public static final int DEFAULT_READ_LANES = 2;
  public static final int DEFAULT_WRITE_LANES = 2;
  public static final int DEFAULT_MAX_WAITING_READS = 65_536;
  public static final int DEFAULT_MAX_WAITING_EVENTS = 65_536;

  /** What {@link #isRedis} wants. */
  public static final String EXPECTED_URI =
      "redis://[user:password@]host[:port][/database], or rediss:// for TLS";

  static final int DEFAULT_PORT = 6379;

  private static final Pattern DATABASE = Pattern.compile("(/\\d{0,9})?");
  private static final int MAX_PORT = 65_535;

  /** The defaults, on this Redis. */
  public static RedisSettings on(URI uri) {
    return new RedisSettings(
        uri,
        DEFAULT_CONNECT_TIMEOUT,
        DEFAULT_TIMEOUT,
        DEFAULT_BUCKETS,
        DEFAULT_READ_LANES,
        DEFAULT_WRITE_LANES,
        DEFAULT_MAX_WAITING_READS,
        DEFAULT_MAX_WAITING_EVENTS);
  }

  public RedisSettings withTimeout(Duration value) {
    return new RedisSettings(
        uri,
        connectTimeout,
        value,
        buckets,
        readLanes,
        writeLanes,
        maxWaitingReads,
        maxWaitingEvents);
  }

  public RedisSettings withBuckets(int value) {
    return new RedisSettings(
        uri,
        connectTimeout,
        timeout,
        value,
        readLanes,
        writeLanes,
        maxWaitingReads,
        maxWaitingEvents);
  }

  /** Whether it names a Redis, in the form {@link #EXPECTED_URI}. */
  public static boolean isRedis(URI uri) {
    return (JedisURIHelper.isRedisScheme(uri) || JedisURIHelper.isRedisSSLScheme(uri))
        && uri.getHost() != null
        && uri.getPort() <= MAX_PORT
        && DATABASE.matcher(uri.getPath()).matches();
  }

  HostAndPort address() {
    return new HostAndPort(uri.getHost(), uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort());
  }

  DefaultJedisClientConfig client(String name) {
    var config =
        DefaultJedisClientConfig.builder()
            .serverDefaultProtocol()
            .connectionTimeoutMillis(Math.toIntExact(connectTimeout.toMillis()))
            .socketTimeoutMillis(Math.toIntExact(timeout.toMillis()))
            .database(JedisURIHelper.getDBIndex(uri))
            .user(JedisURIHelper.getUser(uri))
            .password(JedisURIHelper.getPassword(uri))
            .clientName("clientele-" + name);
    if (JedisURIHelper.isRedisSSLScheme(uri)) {
      config.sslOptions(SslOptions.defaults());
    }
    return config.build();
  }

  /** The same settings for another Redis. */
  public RedisSettings at(URI other) {
    return new RedisSettings(
        other,
        connectTimeout,
        timeout,
        buckets,
        readLanes,
        writeLanes,
        maxWaitingReads,
        maxWaitingEvents);
  }
}
