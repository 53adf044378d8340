@NullMarked
package io.clientele.featurestore.statistics;

import org.jspecify.annotations.NullMarked;
