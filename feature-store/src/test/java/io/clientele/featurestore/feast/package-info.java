@NullMarked
package io.clientele.featurestore.feast;

import org.jspecify.annotations.NullMarked;
