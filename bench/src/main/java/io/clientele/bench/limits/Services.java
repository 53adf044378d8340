package io.clientele.bench.limits;

import io.clientele.bench.limits.Processes.Redis;
import io.clientele.bench.limits.Processes.Service;
import java.io.IOException;
import java.nio.file.Path;

/**
 * All that is measured beside the echo: a Redis, the three services as three processes, and all
 * three in one JVM on the same Redis.
 */
record Services(
    Path models,
    Redis redis,
    Service echo,
    Service featureStore,
    Service scorer,
    Service gateway,
    Service oneJvm) {

  /**
   * Starts them and waits until all serve.
   *
   * @param models the model repository
   */
  static Services start(Processes processes, Path models) throws IOException {
    Redis redis = processes.redis();
    Service echo = processes.echo();
    Service featureStore = processes.featureStore(redis, models);
    Service scorer = processes.scorer(models);
    Service gateway = processes.gateway(featureStore, scorer);
    Service oneJvm = processes.oneJvm(redis, models);
    return new Services(models, redis, echo, featureStore, scorer, gateway, oneJvm);
  }
}
