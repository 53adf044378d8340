package io.clientele.featurestore.store;

import io.clientele.grpc.Metrics;
import io.clientele.grpc.Metrics.Stage;

/**
 * Where the time of a read or a write goes.
 *
 * @param queue waiting for a lane
 * @param redis a trip to Redis
 * @param compute folding events or computing features
 */
public record Stages(Stage queue, Stage redis, Stage compute) {
  private static final String SERVICE = "feature-store";

  /** The stages of reads. */
  public static Stages ofReads(Metrics metrics) {
    return of(metrics, "read");
  }

  /** The stages of writes. */
  public static Stages ofWrites(Metrics metrics) {
    return of(metrics, "write");
  }

  private static Stages of(Metrics metrics, String kind) {
    return new Stages(
        metrics.stage(SERVICE, kind + "-queue"),
        metrics.stage(SERVICE, kind + "-redis"),
        metrics.stage(SERVICE, kind + "-compute"));
  }
}
