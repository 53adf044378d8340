/**
 * Scoring: it fans out to the feature store and the scorer, caches what comes back, and answers
 * with the last known or the population's score where they are away.
 */
@NullMarked
package io.clientele.gateway;

import org.jspecify.annotations.NullMarked;
