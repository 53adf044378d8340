package io.clientele.bench.memory;

import io.clientele.featurestore.FeatureStoreOptions;
import io.clientele.featurestore.FeatureStoreSettings;
import io.clientele.grpc.Settings;
import io.clientele.grpc.SettingsProblems;
import java.net.URI;
import java.util.Map;

/** A feature store with the settings that it has when nothing is set. */
final class DefaultStore {
  private DefaultStore() {}

  /** Its settings, for this Redis, on a free port. */
  static FeatureStoreSettings settings(URI redis) {
    var problems = new SettingsProblems();
    FeatureStoreSettings settings =
        Settings.parse(
                new FeatureStoreOptions(),
                "feature-store",
                Map.of(),
                problems,
                "--listen=127.0.0.1:0",
                "--redis=" + redis,
                "--warm-up=0s")
            .settings(problems);
    problems.throwIfAny();
    return settings;
  }
}
