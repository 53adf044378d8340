package io.clientele.gateway;

import io.clientele.grpc.HostPort;
import io.clientele.grpc.ServerSettings;
import java.time.Duration;

/**
 * How a gateway runs.
 *
 * @param featureStore where the feature store listens
 * @param scorer where the scorer listens
 * @param dependencyTimeout longest that one call to either takes
 * @param modelPeriod between two looks at the models and the catalog
 * @param modelTimeout longest that one such look takes
 * @param cache how long scores are good for
 * @param interactive bounds of the loads of {@code Score}
 * @param bulk bounds of the loads of {@code ScoreBatch} and {@code ScoreStream}
 * @param streamWindow batches of one stream that are worked on at a time
 * @param breaker of each of the two dependencies
 */
public record GatewaySettings(
    ServerSettings server,
    HostPort featureStore,
    HostPort scorer,
    Duration dependencyTimeout,
    Duration modelPeriod,
    Duration modelTimeout,
    CacheSettings cache,
    LaneSettings interactive,
    LaneSettings bulk,
    int streamWindow,
    BreakerSettings breaker) {}
