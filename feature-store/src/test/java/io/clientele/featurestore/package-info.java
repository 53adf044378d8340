@NullMarked
package io.clientele.featurestore;

import org.jspecify.annotations.NullMarked;
