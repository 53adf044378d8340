/** Turns rows of features into rows of outputs: the gRPC service, its settings and its wiring. */
@NullMarked
package io.clientele.scorer;

import org.jspecify.annotations.NullMarked;
