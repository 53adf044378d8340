/**
 * What customers cost in Redis: bytes and reads of Clientele's layout, beside one field a feature.
 */
@NullMarked
package io.clientele.bench.memory;

import org.jspecify.annotations.NullMarked;
