package io.clientele.bench.memory;

import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Option;

/** The option that says how the Redis is set. */
final class RedisConfig {
  @Option(
      names = "--config",
      split = ",",
      paramLabel = "NAME=VALUE",
      description = "Settings of Redis, such as hash-max-ziplist-value=64.")
  private Map<String, String> config = Map.of();

  @Option(
      names = "--bundled",
      description = "Take the redis-server that comes along, not the one that is installed.")
  private boolean bundled;

  MeasuredRedis start() throws IOException {
    return MeasuredRedis.start(bundled, config);
  }
}
