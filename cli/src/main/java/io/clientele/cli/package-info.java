/** The {@code clientele} command. */
@NullMarked
package io.clientele.cli;

import org.jspecify.annotations.NullMarked;
