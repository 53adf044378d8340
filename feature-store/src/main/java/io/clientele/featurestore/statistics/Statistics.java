package io.clientele.featurestore.statistics;

import java.time.Instant;
import java.util.List;

/**
 * What has been counted so far.
 *
 * @param since from when on is counted
 * @param rowsRead rows of known customers that were answered
 * @param rowsSampled how many of them are in the distributions
 * @param features in catalog order
 */
public record Statistics(
    Instant since, long rowsRead, long rowsSampled, List<FeatureDistribution> features) {}
