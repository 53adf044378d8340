package io.clientele.featurestore;

import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.store.ChangeSettings;
import io.clientele.featurestore.store.RedisSettings;
import io.clientele.grpc.ServerSettings;
import java.net.URI;
import java.nio.file.Path;

/**
 * What a feature store is made with.
 *
 * @param changes what it keeps of changes beside the states
 * @param catalog what it counts and which features it answers
 * @param models the model repository, of which only the manifests' inputs are read; it need not
 *     exist
 * @param statisticsRows customers' rows a second, at most, that the statistics count; 0 for none
 */
public record FeatureStoreSettings(
    ServerSettings server,
    RedisSettings redis,
    ChangeSettings changes,
    Catalog catalog,
    Path models,
    int statisticsRows) {
  public static final int DEFAULT_STATISTICS_ROWS = 500;

  /** The same settings for another Redis. */
  public FeatureStoreSettings at(URI other) {
    return new FeatureStoreSettings(
        server, redis.at(other), changes, catalog, models, statisticsRows);
  }

  /** The same settings for another port. */
  FeatureStoreSettings on(ServerSettings other) {
    return new FeatureStoreSettings(other, redis, changes, catalog, models, statisticsRows);
  }
}
