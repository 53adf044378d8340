/** Benchmarks, and what they compare with. */
@NullMarked
package io.clientele.bench;

import org.jspecify.annotations.NullMarked;
