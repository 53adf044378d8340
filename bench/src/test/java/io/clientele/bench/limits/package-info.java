@NullMarked
package io.clientele.bench.limits;

import org.jspecify.annotations.NullMarked;
