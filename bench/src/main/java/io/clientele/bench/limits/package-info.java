/** How near the services come to the machine's own limit, a bare echo. */
@NullMarked
package io.clientele.bench.limits;

import org.jspecify.annotations.NullMarked;
