@NullMarked
package io.clientele.featurestore.store;

import org.jspecify.annotations.NullMarked;
