/** The feature store's gRPC service, its wiring and its command. */
@NullMarked
package io.clientele.featurestore;

import org.jspecify.annotations.NullMarked;
