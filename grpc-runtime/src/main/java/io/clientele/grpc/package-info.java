/** What the three servers share: start and stop, settings, errors, health, metrics. */
@NullMarked
package io.clientele.grpc;

import org.jspecify.annotations.NullMarked;
