/**
 * Customers' state in Redis: one hash a customer, read in pipelines, changed by compare-and-set.
 * Also the Redis process that the project brings along.
 */
@NullMarked
package io.clientele.featurestore.store;

import org.jspecify.annotations.NullMarked;
