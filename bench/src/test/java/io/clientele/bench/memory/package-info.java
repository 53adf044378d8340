@NullMarked
package io.clientele.bench.memory;

import org.jspecify.annotations.NullMarked;
