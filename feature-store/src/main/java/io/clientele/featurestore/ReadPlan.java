package io.clientele.featurestore;

import com.google.protobuf.ByteString;
import io.clientele.featurestore.engine.FeaturePlan;
import io.clientele.featurestore.engine.FeatureSelection;
import io.clientele.featurestore.store.StateFields;
import io.clientele.featurestore.v1.GetFeaturesResponse;

/**
 * What it takes to read and to answer certain columns, made once for many calls.
 *
 * @param fields what is read of a customer
 * @param fieldsAsOf what is read for a moment that the caller chose
 * @param head what all answers begin with: the catalog's hash
 * @param headWithNames the same with the columns' names
 */
record ReadPlan(
    FeatureSelection selection,
    StateFields fields,
    StateFields fieldsAsOf,
    GetFeaturesResponse head,
    GetFeaturesResponse headWithNames) {

  static ReadPlan of(FeaturePlan plan, FeatureSelection selection) {
    GetFeaturesResponse.Builder head =
        GetFeaturesResponse.newBuilder().setCatalogHash(plan.catalogHash());
    GetFeaturesResponse bare = head.build();
    // As bytes, so that an answer does not encode the names again.
    selection.names().forEach(name -> head.addFeatureNamesBytes(ByteString.copyFromUtf8(name)));
    return new ReadPlan(
        selection,
        StateFields.reading(selection.groups()),
        StateFields.writing(selection.groups()),
        bare,
        head.build());
  }
}
