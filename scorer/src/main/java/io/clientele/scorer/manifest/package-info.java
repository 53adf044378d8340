/** What a model says of itself: the manifest beside its ONNX file, and the strict reader of it. */
@NullMarked
package io.clientele.scorer.manifest;

import org.jspecify.annotations.NullMarked;
