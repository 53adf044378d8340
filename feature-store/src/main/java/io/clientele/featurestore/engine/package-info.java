/**
 * Folds events into a customer's state and reads features out of it, live and over a log alike.
 * Knows neither Redis nor gRPC.
 */
@NullMarked
package io.clientele.featurestore.engine;

import org.jspecify.annotations.NullMarked;
