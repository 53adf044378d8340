/**
 * The folder of models: which versions there are, and the checks that a version passes before it
 * serves.
 */
@NullMarked
package io.clientele.scorer.repository;

import org.jspecify.annotations.NullMarked;
