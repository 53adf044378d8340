package io.clientele.scorer;

import io.clientele.grpc.ServerSettings;
import java.nio.file.Path;

/**
 * How a scorer runs.
 *
 * @param server its gRPC port
 * @param models the folder of models
 * @param lanes threads that run models
 * @param queueRows most rows that wait for a lane
 * @param maxBatchRows most rows that waiting requests are merged to
 * @param intraOpThreads threads within one run of one model
 */
public record ScorerSettings(
    ServerSettings server,
    Path models,
    int lanes,
    int queueRows,
    int maxBatchRows,
    int intraOpThreads) {}
