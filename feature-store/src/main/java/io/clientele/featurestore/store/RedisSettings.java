package io.clientele.featurestore.store;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;

/**
 * How to reach Redis and how much to ask of it.
 *
 * @param uri where it is, in the form {@link #EXPECTED_URI}
 * @param access what it takes to be let in, beside what the URI says
 * @param connectTimeout how long opening a connection may take, and each step of the login
 * @param timeout how long a trip to Redis may take, however much it carries
 * @param buckets how many buckets customers are spread over; a store keeps the number that it was
 *     made with
 * @param readLanes threads that read, each with a connection of its own
 * @param writeLanes threads that write, each with a connection and buckets of its own
 * @param maxWaitingReads how many customers may wait to be read before a read is refused
 * @param maxWaitingEvents how many events may wait to be written before a batch is refused
 * @param writeCacheBytes how many bytes of states to remember from own writes, all lanes together;
 *     0 for none
 * @param minReplicas how many replicas must have a change before it counts as recorded
 */
public record RedisSettings(
    URI uri,
    RedisAccess access,
    Duration connectTimeout,
    Duration timeout,
    int buckets,
    int readLanes,
    int writeLanes,
    int maxWaitingReads,
    int maxWaitingEvents,
    long writeCacheBytes,
    int minReplicas) {
  public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofMillis(500);
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(2);
  public static final int DEFAULT_BUCKETS = 64;
  public static final int DEFAULT_READ_LANES = 2;
  public static final int DEFAULT_WRITE_LANES = 8;
  public static final int DEFAULT_MAX_WAITING_READS = 65_536;
  public static final int DEFAULT_MAX_WAITING_EVENTS = 65_536;
  public static final int DEFAULT_WRITE_CACHE_MIB = 128;

  /** What {@link #isRedis} wants. */
  public static final String EXPECTED_URI =
      "redis://[user:password@]host[:port][/database],"
          + " redis+sentinel://host[:port],.../master-name[/database]"
          + " or redis+cluster://host[:port],...; rediss for TLS";

  /** The defaults, on this Redis. */
  public static RedisSettings on(URI uri) {
    return new RedisSettings(
        uri,
        RedisAccess.BY_URI,
        DEFAULT_CONNECT_TIMEOUT,
        DEFAULT_TIMEOUT,
        DEFAULT_BUCKETS,
        DEFAULT_READ_LANES,
        DEFAULT_WRITE_LANES,
        DEFAULT_MAX_WAITING_READS,
        DEFAULT_MAX_WAITING_EVENTS,
        (long) DEFAULT_WRITE_CACHE_MIB << 20,
        0);
  }

  public RedisSettings withTimeout(Duration value) {
    return new RedisSettings(
        uri,
        access,
        connectTimeout,
        value,
        buckets,
        readLanes,
        writeLanes,
        maxWaitingReads,
        maxWaitingEvents,
        writeCacheBytes,
        minReplicas);
  }

  public RedisSettings withBuckets(int value) {
    return new RedisSettings(
        uri,
        access,
        connectTimeout,
        timeout,
        value,
        readLanes,
        writeLanes,
        maxWaitingReads,
        maxWaitingEvents,
        writeCacheBytes,
        minReplicas);
  }

  /** The same settings, let in by other means. */
  public RedisSettings withAccess(RedisAccess value) {
    return new RedisSettings(
        uri,
        value,
        connectTimeout,
        timeout,
        buckets,
        readLanes,
        writeLanes,
        maxWaitingReads,
        maxWaitingEvents,
        writeCacheBytes,
        minReplicas);
  }

  public RedisSettings withMinReplicas(int value) {
    return new RedisSettings(
        uri,
        access,
        connectTimeout,
        timeout,
        buckets,
        readLanes,
        writeLanes,
        maxWaitingReads,
        maxWaitingEvents,
        writeCacheBytes,
        value);
  }

  /** Whether it names a Redis, in the form {@link #EXPECTED_URI}. */
  public static boolean isRedis(URI uri) {
    return RedisServers.of(uri).isPresent();
  }

  /** Whether it asks for TLS. */
  public static boolean isTls(URI uri) {
    return RedisServers.of(uri).filter(RedisServers::tls).isPresent();
  }

  /** The addresses that a URI names, such as {@code redis-1:26379,redis-2:26379}. */
  public static String addresses(URI uri) {
    return RedisServers.of(uri).stream()
        .flatMap(servers -> servers.addresses().stream())
        .map(HostAndPort::toString)
        .collect(Collectors.joining(","));
  }

  /** What writes wait for. */
  Replication replication() {
    return new Replication(minReplicas, Math.toIntExact(timeout.toMillis() + 1) / 2);
  }

  /** How to find the masters. */
  Topology topology() {
    RedisServers servers = servers();
    List<HostAndPort> addresses = servers.addresses();
    return switch (servers.kind()) {
      case NODE -> new OneNode(addresses.getFirst(), buckets);
      case SENTINELS ->
          new SentinelMaster(addresses, sentinelDialer(), servers.masterName(), buckets);
      case CLUSTER -> new ClusterMasters(addresses, dialer("topology"), buckets);
    };
  }

  /**
   * How to connect to the nodes that hold the store.
   *
   * @param name the client's name in Redis, such as {@code read-1}
   */
  Dialer dialer(String name) {
    RedisServers servers = servers();
    String password = access.password() == null ? servers.password() : access.password();
    return dialer(
        login(servers.user(), password)
            .database(servers.database())
            .clientName("clientele-" + name));
  }

  private Dialer sentinelDialer() {
    return dialer(login(access.sentinelUser(), access.sentinelPassword()));
  }

  private DefaultJedisClientConfig.Builder login(@Nullable String user, @Nullable String password) {
    int handshakeMs = Math.toIntExact(connectTimeout.toMillis());
    return DefaultJedisClientConfig.builder()
        .serverDefaultProtocol()
        .connectionTimeoutMillis(handshakeMs)
        .socketTimeoutMillis(handshakeMs)
        .user(user)
        .password(password);
  }

  private Dialer dialer(DefaultJedisClientConfig.Builder config) {
    return new Dialer(config.build(), servers().tls() ? tls() : null);
  }

  private SSLSocketFactory tls() {
    SSLSocketFactory own = access.certificates();
    return own != null ? own : (SSLSocketFactory) SSLSocketFactory.getDefault();
  }

  private RedisServers servers() {
    return RedisServers.of(uri)
        .orElseThrow(() -> new IllegalArgumentException("expected: " + EXPECTED_URI));
  }

  /** The same settings for another Redis. */
  public RedisSettings at(URI other) {
    return new RedisSettings(
        other,
        access,
        connectTimeout,
        timeout,
        buckets,
        readLanes,
        writeLanes,
        maxWaitingReads,
        maxWaitingEvents,
        writeCacheBytes,
        minReplicas);
  }
}
