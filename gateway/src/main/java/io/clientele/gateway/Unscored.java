package io.clientele.gateway;

import com.google.protobuf.Timestamp;

/**
 * A customer whose features were read while the scorer was away.
 *
 * @param reason why there are no scores
 */
record Unscored(long featureVersion, Timestamp asOf, Throwable reason) implements Loaded {}
