/** The feature store as Feast's clients know it. */
@NullMarked
package io.clientele.featurestore.feast;

import org.jspecify.annotations.NullMarked;
