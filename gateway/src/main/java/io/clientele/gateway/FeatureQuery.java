package io.clientele.gateway;

import java.util.List;

/**
 * Which features of which customers.
 *
 * @param customers ids, one a row
 * @param models whose columns to read, and the catalog that they were checked against
 */
record FeatureQuery(List<String> customers, Models models) {}
