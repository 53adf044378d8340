package io.clientele.gateway;

import com.google.protobuf.Timestamp;

/** What a load found out about one customer. */
sealed interface Loaded permits Scored, Unscored {

  /** The version of the features that were read; 0 where the customer is not known. */
  long featureVersion();

  /** The moment at which the features held. */
  Timestamp asOf();
}
