package io.clientele.gateway;

import java.time.Duration;

/**
 * How long scores are good for.
 *
 * @param size customers whose last scores are kept
 * @param retention a score is kept this long, for STALE answers and for callers who take older ones
 * @param maxAge a score is CACHED up to this age, for callers who do not say, while the change feed
 *     tells whose features change
 * @param maxAgeWithoutFeed the same for scores of which the feed may have missed a change
 * @param feedPatience longest silence of the feed before it counts as lost
 */
public record CacheSettings(
    long size,
    Duration retention,
    Duration maxAge,
    Duration maxAgeWithoutFeed,
    Duration feedPatience) {}
