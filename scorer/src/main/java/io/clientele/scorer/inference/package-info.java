/**
 * Rows of features to rows of outputs: ONNX sessions, the lanes that run them, and how requests
 * share a run.
 */
@NullMarked
package io.clientele.scorer.inference;

import org.jspecify.annotations.NullMarked;
