/** How the values that live reads answer are distributed, feature by feature. */
@NullMarked
package io.clientele.featurestore.statistics;

import org.jspecify.annotations.NullMarked;
