package io.clientele.featurestore;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.catalog.CatalogException;
import io.clientele.featurestore.store.ChangeSettings;
import io.clientele.featurestore.store.PemFiles;
import io.clientele.featurestore.store.RedisAccess;
import io.clientele.featurestore.store.RedisSettings;
import io.clientele.grpc.SettingsProblems;
import java.io.IOException;
import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of whoever works on the customers in Redis. */
public final class StoreOptions {
  private static final int MAX_BUCKETS = 16_384;
  private static final int MAX_LANES = 64;
  private static final int MAX_REPLICAS = 16;
  private static final int MAX_WRITE_CACHE_MIB = 8_192;
  private static final int MAX_FEED_ENTRIES = 65_536;

  @Option(
      names = "--redis",
      defaultValue = "redis://127.0.0.1:6379",
      paramLabel = "URI",
      description = RedisSettings.EXPECTED_URI + ". Default: ${DEFAULT-VALUE}.")
  private URI redis = URI.create("redis://127.0.0.1:6379");

  @Option(
      names = "--redis-password",
      paramLabel = "TEXT",
      description = "The password of the URI's user, where the URI is not to have it.")
  private @Nullable String redisPassword;

  @Option(
      names = "--redis-sentinel-user",
      paramLabel = "TEXT",
      description = "Whom sentinels know this service as. Default: their default user.")
  private @Nullable String redisSentinelUser;

  @Option(
      names = "--redis-sentinel-password",
      paramLabel = "TEXT",
      description = "The password that sentinels ask for.")
  private @Nullable String redisSentinelPassword;

  @Option(
      names = "--redis-ca",
      paramLabel = "FILE",
      description =
          "The certificate authorities to trust with TLS, in PEM. Default: those of the JVM.")
  private @Nullable Path redisCa;

  @Option(
      names = "--redis-cert",
      paramLabel = "FILE",
      description = "The certificate to show with TLS, in PEM, with its chain.")
  private @Nullable Path redisCert;

  @Option(
      names = "--redis-key",
      paramLabel = "FILE",
      description = "The private key of the certificate, in PEM (PKCS#8).")
  private @Nullable Path redisKey;

  @Option(
      names = "--redis-min-replicas",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "Replicas that must have a change before it is acknowledged, so that it outlives its"
              + " master. Default: ${DEFAULT-VALUE}.")
  private int minReplicas;

  @Option(
      names = "--redis-timeout",
      defaultValue = "2s",
      paramLabel = "DURATION",
      description = "How long a trip to Redis may take. Default: ${DEFAULT-VALUE}.")
  private Duration redisTimeout = RedisSettings.DEFAULT_TIMEOUT;

  @Option(
      names = "--redis-connect-timeout",
      defaultValue = "500ms",
      paramLabel = "DURATION",
      description = "How long opening a connection to Redis may take. Default: ${DEFAULT-VALUE}.")
  private Duration redisConnectTimeout = RedisSettings.DEFAULT_CONNECT_TIMEOUT;

  @Option(
      names = "--buckets",
      defaultValue = "" + RedisSettings.DEFAULT_BUCKETS,
      paramLabel = "N",
      description =
          "Buckets that customers are spread over, for a store that is not made yet. One that is"
              + " must be opened with its own number. Default: ${DEFAULT-VALUE}.")
  private int buckets;

  @Option(
      names = "--read-lanes",
      defaultValue = "" + RedisSettings.DEFAULT_READ_LANES,
      paramLabel = "N",
      description = "Threads that read from Redis. Default: ${DEFAULT-VALUE}.")
  private int readLanes;

  @Option(
      names = "--write-lanes",
      defaultValue = "" + RedisSettings.DEFAULT_WRITE_LANES,
      paramLabel = "N",
      description = "Threads that fold events and write to Redis. Default: ${DEFAULT-VALUE}.")
  private int writeLanes;

  @Option(
      names = "--max-waiting-reads",
      defaultValue = "" + RedisSettings.DEFAULT_MAX_WAITING_READS,
      paramLabel = "N",
      description = "Customers that may wait to be read. Default: ${DEFAULT-VALUE}.")
  private int maxWaitingReads;

  @Option(
      names = "--max-waiting-events",
      defaultValue = "" + RedisSettings.DEFAULT_MAX_WAITING_EVENTS,
      paramLabel = "N",
      description = "Events that may wait to be written. Default: ${DEFAULT-VALUE}.")
  private int maxWaitingEvents;

  @Option(
      names = "--write-cache-mib",
      defaultValue = "" + RedisSettings.DEFAULT_WRITE_CACHE_MIB,
      paramLabel = "N",
      description =
          "MiB of states to remember that were written last, so that their customers' next events"
              + " need not read them; at most an eighth of the heap is used, and 0 is none."
              + " Default: ${DEFAULT-VALUE}.")
  private int writeCacheMib;

  @Option(
      names = "--feed-entries",
      defaultValue = "4096",
      paramLabel = "N",
      description =
          "Changes that the feed keeps for each bucket; a watcher who comes back later than that"
              + " is told of a gap. Default: ${DEFAULT-VALUE}.")
  private int feedEntries = ChangeSettings.DEFAULT.feedEntries();

  @Option(
      names = "--tombstone-life",
      defaultValue = "30d",
      paramLabel = "DURATION",
      description =
          "How long late events cannot bring back a customer who was forgotten. Default:"
              + " ${DEFAULT-VALUE}.")
  private Duration tombstoneLife = ChangeSettings.DEFAULT.tombstoneLife();

  @Option(
      names = "--catalog",
      paramLabel = "FILE",
      description = "The catalog of events and features, in YAML. Default: the one that ships.")
  private @Nullable Path catalog;

  /** Where Redis is and how to use it; what is wrong is added to the problems. */
  public RedisSettings redis(SettingsProblems problems) {
    problems.require(RedisSettings.isRedis(redis), "--redis", redis, RedisSettings.EXPECTED_URI);
    requirePositive(problems, "--redis-timeout", redisTimeout);
    requirePositive(problems, "--redis-connect-timeout", redisConnectTimeout);
    requireRange(problems, "--redis-min-replicas", minReplicas, 0, MAX_REPLICAS);
    requireRange(problems, "--buckets", buckets, 1, MAX_BUCKETS);
    requireRange(problems, "--read-lanes", readLanes, 1, MAX_LANES);
    requireRange(problems, "--write-lanes", writeLanes, 1, MAX_LANES);
    problems.require(
        maxWaitingReads >= FeatureReads.MAX_CUSTOMERS,
        "--max-waiting-reads",
        maxWaitingReads,
        ">= " + FeatureReads.MAX_CUSTOMERS);
    int leastEvents = EventRecorder.MAX_EVENTS * Math.clamp(writeLanes, 1, MAX_LANES);
    problems.require(
        maxWaitingEvents >= leastEvents,
        "--max-waiting-events",
        maxWaitingEvents,
        ">= " + leastEvents);
    requireRange(problems, "--write-cache-mib", writeCacheMib, 0, MAX_WRITE_CACHE_MIB);
    return new RedisSettings(
        redis,
        access(problems),
        redisConnectTimeout,
        redisTimeout,
        buckets,
        readLanes,
        writeLanes,
        maxWaitingReads,
        maxWaitingEvents,
        Math.min((long) writeCacheMib << 20, Runtime.getRuntime().maxMemory() / 8),
        minReplicas);
  }

  /** What is kept of changes; what is wrong is added to the problems. */
  public ChangeSettings changes(SettingsProblems problems) {
    requireRange(problems, "--feed-entries", feedEntries, 1, MAX_FEED_ENTRIES);
    problems.require(
        tombstoneLife.toMillis() > 0, "--tombstone-life", tombstoneLife, "at least 1ms");
    return new ChangeSettings(feedEntries, tombstoneLife);
  }

  /** The catalog; what is wrong is added to the problems. */
  public Catalog catalog(SettingsProblems problems) {
    Path file = catalog;
    if (file != null) {
      try {
        return Catalog.load(file);
      } catch (CatalogException e) {
        e.problems().forEach(problem -> problems.add("--catalog: " + problem));
      } catch (NoSuchFileException e) {
        problems.add("--catalog: " + file + ": no such file");
      } catch (IOException e) {
        problems.add("--catalog: " + file + ": cannot be read: " + e.getMessage());
      }
    }
    return Catalog.retail();
  }

  private RedisAccess access(SettingsProblems problems) {
    return new RedisAccess(
        redisPassword, redisSentinelUser, redisSentinelPassword, certificates(problems));
  }

  private @Nullable SSLSocketFactory certificates(SettingsProblems problems) {
    problems.require(
        (redisCert == null) == (redisKey == null),
        redisCert == null ? "--redis-cert" : "--redis-key",
        "missing",
        "both or neither");
    if (redisCa == null && redisCert == null) {
      return null;
    }
    problems.require(
        RedisSettings.isTls(redis),
        "--redis-ca or --redis-cert",
        "given",
        "only with TLS, by a URI that begins with rediss");
    try {
      return PemFiles.socketFactory(redisCa, redisCert, redisKey);
    } catch (NoSuchFileException e) {
      problems.add("--redis-ca, --redis-cert or --redis-key: " + e.getMessage() + ": no such file");
    } catch (IOException e) {
      problems.add("--redis-ca, --redis-cert or --redis-key: " + e.getMessage());
    }
    return null;
  }

  private static void requirePositive(SettingsProblems problems, String key, Duration value) {
    problems.require(
        value.toMillis() > 0 && value.toMillis() <= Integer.MAX_VALUE, key, value, "at least 1ms");
  }

  private static void requireRange(
      SettingsProblems problems, String key, int value, int least, int most) {
    problems.require(value >= least && value <= most, key, value, least + " to " + most);
  }
}
