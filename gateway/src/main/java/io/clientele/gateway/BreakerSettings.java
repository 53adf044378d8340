package io.clientele.gateway;

import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Clock;
import java.time.Duration;

/**
 * When a breaker opens and for how long.
 *
 * @param failureRate percent of the calls in the window that must fail, 1 to 100
 * @param window calls that count
 * @param minimumCalls calls before the rate says anything
 * @param openFor how long no call goes through, before some are tried
 * @param trials calls that are tried then; the breaker closes where they succeed
 * @param patience a call that ends with a caller's short deadline counts as a failure only where
 *     the dependency had at least this long
 */
public record BreakerSettings(
    int failureRate,
    int window,
    int minimumCalls,
    Duration openFor,
    int trials,
    Duration patience) {
  CircuitBreakerConfig config(Clock clock) {
    return CircuitBreakerConfig.custom()
        .failureRateThreshold(failureRate)
        .slidingWindow(window, minimumCalls, SlidingWindowType.COUNT_BASED)
        .waitDurationInOpenState(openFor)
        .permittedNumberOfCallsInHalfOpenState(trials)
        .maxWaitDurationInHalfOpenState(Duration.ZERO)
        .clock(clock)
        .build();
  }
}
