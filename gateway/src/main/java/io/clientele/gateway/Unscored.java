package io.clientele.gateway;

import com.google.protobuf.Timestamp;
import io.clientele.gateway.v1.CustomerStatus;

/**
 * A customer whom the store has state of, without scores: the scorer was away, or the state cannot
 * be read.
 *
 * @param customer what could be found out of the customer
 * @param reason why there are no scores
 */
record Unscored(CustomerStatus customer, long featureVersion, Timestamp asOf, Throwable reason)
    implements Loaded {}
