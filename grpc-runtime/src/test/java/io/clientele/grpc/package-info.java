@NullMarked
package io.clientele.grpc;

import org.jspecify.annotations.NullMarked;
