/** What the feature store counts and which features it answers, as one YAML file says it. */
@NullMarked
package io.clientele.featurestore.catalog;

import org.jspecify.annotations.NullMarked;
