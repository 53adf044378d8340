@NullMarked
package io.clientele.gateway;

import org.jspecify.annotations.NullMarked;
