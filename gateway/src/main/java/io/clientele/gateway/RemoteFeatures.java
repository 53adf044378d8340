package io.clientele.gateway;

import com.google.protobuf.ByteString;
import io.clientele.featurestore.v1.CustomerStatus;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import io.clientele.grpc.PreconditionException;
import io.grpc.Deadline;
import java.util.Arrays;
import java.util.Collections;
import java.util.concurrent.CompletionStage;

/** Reads features from the feature store, over gRPC. */
final class RemoteFeatures implements Dependency<FeatureQuery, FeatureMatrix> {
  private final RemoteCalls calls;
  private final boolean everyoneKnown;

  /**
   * @param everyoneKnown whether a customer that the store has no state for is scored all the same,
   *     from features that are all there: so that a rehearsal needs no customer
   */
  RemoteFeatures(RemoteCalls calls, boolean everyoneKnown) {
    this.calls = calls;
    this.everyoneKnown = everyoneKnown;
  }

  /**
   * Fails with FAILED_PRECONDITION where the store runs another catalog than the one that the
   * models were checked against.
   */
  @Override
  public CompletionStage<FeatureMatrix> ask(FeatureQuery query, Deadline deadline) {
    Models models = query.models();
    GetFeaturesRequest request =
        models.read().toBuilder().addAllCustomerIds(query.customers()).build();
    return calls
        .call(FeatureStoreGrpc.getGetFeaturesMethod(), request, deadline)
        .thenApply(response -> decode(query, response));
  }

  private FeatureMatrix decode(FeatureQuery query, GetFeaturesResponse response) {
    Models models = query.models();
    if (!response.getCatalogHash().equals(models.catalogHash())) {
      throw new PreconditionException(
          "catalog_hash", response.getCatalogHash() + " (expected: " + models.catalogHash() + ")");
    }
    int rows = query.customers().size();
    int columns = models.columns().size();
    requireSize("values", response.getValues().size(), rows * columns * Float.BYTES);
    requireSize("presence", response.getPresence().size(), rows * ((columns + 7) / 8));
    if (!response.getStaleness().isEmpty()) {
      requireSize("staleness", response.getStaleness().size(), response.getPresence().size());
    }
    requireSize("customers", response.getCustomersCount(), rows);
    requireSize("feature_versions", response.getFeatureVersionsCount(), rows);
    return new FeatureMatrix(
        response.getAsOf(),
        response.getValues(),
        everyoneKnown ? allPresent(response.getPresence().size()) : response.getPresence(),
        response.getStaleness(),
        columns,
        everyoneKnown
            ? Collections.nCopies(rows, CustomerStatus.FOUND)
            : response.getCustomersList(),
        response.getFeatureVersionsList());
  }

  private static ByteString allPresent(int bytes) {
    byte[] presence = new byte[bytes];
    Arrays.fill(presence, (byte) 0xff);
    return ByteString.copyFrom(presence);
  }

  private static void requireSize(String field, int size, int expected) {
    if (size != expected) {
      throw new IllegalStateException(
          "GetFeatures " + field + ": " + size + " (expected: " + expected + ")");
    }
  }
}
