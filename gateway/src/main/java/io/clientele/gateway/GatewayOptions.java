package io.clientele.gateway;

import io.clientele.grpc.HostPort;
import io.clientele.grpc.ServerOptions;
import io.clientele.grpc.SettingsProblems;
import java.time.Duration;
import picocli.CommandLine.Option;

/** The options of a gateway. */
public final class GatewayOptions extends ServerOptions {
  private static final int MAX_BATCH = ScoreQuery.MAX_CUSTOMERS;

  @Option(
      names = "--feature-store",
      defaultValue = "127.0.0.1:7101",
      paramLabel = "HOST:PORT",
      description = "Where the feature store listens. Default: ${DEFAULT-VALUE}.")
  private HostPort featureStore = new HostPort("127.0.0.1", 7101);

  @Option(
      names = "--scorer",
      defaultValue = "127.0.0.1:7102",
      paramLabel = "HOST:PORT",
      description = "Where the scorer listens. Default: ${DEFAULT-VALUE}.")
  private HostPort scorer = new HostPort("127.0.0.1", 7102);

  @Option(
      names = "--dependency-timeout",
      defaultValue = "250ms",
      paramLabel = "DURATION",
      description =
          "Longest that one call to the feature store or the scorer takes, before the answer is"
              + " STALE or PRIOR. Default: ${DEFAULT-VALUE}.")
  private Duration dependencyTimeout = Duration.ofMillis(250);

  @Option(
      names = "--model-period",
      defaultValue = "2s",
      paramLabel = "DURATION",
      description =
          "How often to look which models serve and which catalog the store runs. Default:"
              + " ${DEFAULT-VALUE}.")
  private Duration modelPeriod = Duration.ofSeconds(2);

  @Option(
      names = "--model-timeout",
      defaultValue = "2s",
      paramLabel = "DURATION",
      description = "Longest that one such look takes. Default: ${DEFAULT-VALUE}.")
  private Duration modelTimeout = Duration.ofSeconds(2);

  @Option(
      names = "--cache-size",
      defaultValue = "100000",
      paramLabel = "CUSTOMERS",
      description = "Customers whose last scores are kept. Default: ${DEFAULT-VALUE}.")
  private long cacheSize;

  @Option(
      names = "--cache-max-age",
      defaultValue = "1m",
      paramLabel = "DURATION",
      description =
          "Up to which age a kept score is the answer, where the caller sets no max_age and the"
              + " features have not changed. Default: ${DEFAULT-VALUE}.")
  private Duration cacheMaxAge = Duration.ofMinutes(1);

  @Option(
      names = "--cache-max-age-without-feed",
      defaultValue = "1s",
      paramLabel = "DURATION",
      description =
          "The same while the feature store's change feed is lost, so that nobody knows whether the"
              + " features have changed. Default: ${DEFAULT-VALUE}.")
  private Duration cacheMaxAgeWithoutFeed = Duration.ofSeconds(1);

  @Option(
      names = "--feed-patience",
      defaultValue = "3s",
      paramLabel = "DURATION",
      description =
          "Longest silence of the change feed, which tells every second that it is alive, before it"
              + " counts as lost. Default: ${DEFAULT-VALUE}.")
  private Duration feedPatience = Duration.ofSeconds(3);

  @Option(
      names = "--cache-retention",
      defaultValue = "10m",
      paramLabel = "DURATION",
      description =
          "How long a score is kept, to be the answer while the feature store or the scorer is"
              + " away. Default: ${DEFAULT-VALUE}.")
  private Duration cacheRetention = Duration.ofMinutes(10);

  @Option(
      names = "--max-batch",
      defaultValue = "256",
      paramLabel = "CUSTOMERS",
      description = "Most Score calls that share one load. Default: ${DEFAULT-VALUE}.")
  private int maxBatch;

  @Option(
      names = "--max-flights",
      defaultValue = "2",
      paramLabel = "N",
      description =
          "Loads for Score calls that are in flight at a time. Default: ${DEFAULT-VALUE}.")
  private int maxFlights;

  @Option(
      names = "--max-waiting",
      defaultValue = "10000",
      paramLabel = "CALLS",
      description =
          "Score calls that wait for a load; beyond them RESOURCE_EXHAUSTED. Default:"
              + " ${DEFAULT-VALUE}.")
  private int maxWaiting;

  @Option(
      names = "--max-bulk-batch",
      defaultValue = "256",
      paramLabel = "CUSTOMERS",
      description =
          "Most customers of ScoreBatch and ScoreStream in one load. Default: ${DEFAULT-VALUE}.")
  private int maxBulkBatch;

  @Option(
      names = "--max-bulk-flights",
      defaultValue = "1",
      paramLabel = "N",
      description =
          "Loads for ScoreBatch and ScoreStream that are in flight at a time, so the most that"
              + " stand before a Score call at the feature store or the scorer. Default:"
              + " ${DEFAULT-VALUE}.")
  private int maxBulkFlights;

  @Option(
      names = "--max-bulk-waiting",
      defaultValue = "100000",
      paramLabel = "CUSTOMERS",
      description =
          "Customers of ScoreBatch and ScoreStream that wait for a load; beyond them"
              + " RESOURCE_EXHAUSTED. Default: ${DEFAULT-VALUE}.")
  private int maxBulkWaiting;

  @Option(
      names = "--stream-window",
      defaultValue = "4",
      paramLabel = "BATCHES",
      description =
          "Batches of one ScoreStream that are worked on at a time. Default: ${DEFAULT-VALUE}.")
  private int streamWindow;

  @Option(
      names = "--breaker-failure-rate",
      defaultValue = "50",
      paramLabel = "PERCENT",
      description =
          "Share of failed calls to a dependency at which its breaker opens. Default:"
              + " ${DEFAULT-VALUE}.")
  private int breakerFailureRate;

  @Option(
      names = "--breaker-window",
      defaultValue = "50",
      paramLabel = "CALLS",
      description = "Last calls that the share is of. Default: ${DEFAULT-VALUE}.")
  private int breakerWindow;

  @Option(
      names = "--breaker-minimum-calls",
      defaultValue = "10",
      paramLabel = "CALLS",
      description = "Calls before a breaker may open. Default: ${DEFAULT-VALUE}.")
  private int breakerMinimumCalls;

  @Option(
      names = "--breaker-open",
      defaultValue = "1s",
      paramLabel = "DURATION",
      description =
          "How long an open breaker lets no call through before it tries some. Default:"
              + " ${DEFAULT-VALUE}.")
  private Duration breakerOpen = Duration.ofSeconds(1);

  @Option(
      names = "--breaker-trials",
      defaultValue = "3",
      paramLabel = "CALLS",
      description = "Calls that it tries then. Default: ${DEFAULT-VALUE}.")
  private int breakerTrials;

  @Option(
      names = "--breaker-patience",
      defaultValue = "25ms",
      paramLabel = "DURATION",
      description =
          "A call that a caller's own short deadline ends is a failure of the dependency only after"
              + " this long. Default: ${DEFAULT-VALUE}.")
  private Duration breakerPatience = Duration.ofMillis(25);

  public GatewayOptions() {
    super(new HostPort("127.0.0.1", 7100), new HostPort("127.0.0.1", 7110));
  }

  /** The settings; what is wrong with them is added to the problems. */
  public GatewaySettings settings(SettingsProblems problems) {
    requirePositive(problems, "--dependency-timeout", dependencyTimeout);
    requirePositive(problems, "--model-period", modelPeriod);
    requirePositive(problems, "--model-timeout", modelTimeout);
    requirePositive(problems, "--cache-retention", cacheRetention);
    problems.require(cacheSize >= 0, "--cache-size", cacheSize, ">= 0");
    problems.require(
        !cacheMaxAge.isNegative() && cacheMaxAge.compareTo(cacheRetention) <= 0,
        "--cache-max-age",
        cacheMaxAge,
        "0s..--cache-retention");
    problems.require(
        !cacheMaxAgeWithoutFeed.isNegative() && cacheMaxAgeWithoutFeed.compareTo(cacheMaxAge) <= 0,
        "--cache-max-age-without-feed",
        cacheMaxAgeWithoutFeed,
        "0s..--cache-max-age");
    requirePositive(problems, "--feed-patience", feedPatience);
    LaneSettings interactive = new LaneSettings(maxBatch, maxFlights, maxWaiting);
    LaneSettings bulk = new LaneSettings(maxBulkBatch, maxBulkFlights, maxBulkWaiting);
    requireLane(problems, "", interactive);
    requireLane(problems, "bulk-", bulk);
    problems.require(streamWindow >= 1, "--stream-window", streamWindow, ">= 1");
    return new GatewaySettings(
        server(problems),
        featureStore,
        scorer,
        dependencyTimeout,
        modelPeriod,
        modelTimeout,
        new CacheSettings(
            cacheSize, cacheRetention, cacheMaxAge, cacheMaxAgeWithoutFeed, feedPatience),
        interactive,
        bulk,
        streamWindow,
        breaker(problems));
  }

  private BreakerSettings breaker(SettingsProblems problems) {
    problems.require(
        breakerFailureRate >= 1 && breakerFailureRate <= 100,
        "--breaker-failure-rate",
        breakerFailureRate,
        "1..100");
    problems.require(breakerWindow >= 1, "--breaker-window", breakerWindow, ">= 1");
    problems.require(
        breakerMinimumCalls >= 1 && breakerMinimumCalls <= breakerWindow,
        "--breaker-minimum-calls",
        breakerMinimumCalls,
        "1..--breaker-window");
    requirePositive(problems, "--breaker-open", breakerOpen);
    problems.require(breakerTrials >= 1, "--breaker-trials", breakerTrials, ">= 1");
    problems.require(!breakerPatience.isNegative(), "--breaker-patience", breakerPatience, ">= 0s");
    return new BreakerSettings(
        breakerFailureRate,
        breakerWindow,
        breakerMinimumCalls,
        breakerOpen,
        breakerTrials,
        breakerPatience);
  }

  private static void requireLane(SettingsProblems problems, String kind, LaneSettings lane) {
    problems.require(
        lane.maxBatch() >= 1 && lane.maxBatch() <= MAX_BATCH,
        "--max-" + kind + "batch",
        lane.maxBatch(),
        "1.." + MAX_BATCH);
    problems.require(
        lane.maxFlights() >= 1, "--max-" + kind + "flights", lane.maxFlights(), ">= 1");
    problems.require(
        lane.maxCustomers() >= 1, "--max-" + kind + "waiting", lane.maxCustomers(), ">= 1");
  }

  private static void requirePositive(SettingsProblems problems, String key, Duration value) {
    problems.require(value.isPositive(), key, value, "> 0s");
  }
}
