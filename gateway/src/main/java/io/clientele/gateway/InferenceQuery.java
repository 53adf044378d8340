package io.clientele.gateway;

/**
 * A matrix to score.
 *
 * @param features rows with {@code models.columns()}
 * @param models run all of them that can run
 */
record InferenceQuery(FeatureMatrix features, Models models) {}
