package io.clientele.featurestore.feast;

import io.clientele.feast.serving.GetOnlineFeaturesRequest;
import io.clientele.feast.types.Value;
import io.clientele.featurestore.v1.FeatureNames;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.featurestore.v1.ModelInputs;
import io.clientele.grpc.InvalidRequestException;
import java.util.List;

/**
 * A client's request, understood.
 *
 * @param entity the entity by the name that the client gave it
 * @param ids customers' ids, as the client wrote them
 * @param names the features asked for; empty for those of a feature service
 * @param read the same request of the feature store
 */
record FeastRequest(
    String entity, List<Value> ids, List<FeastName> names, GetFeaturesRequest read) {

  /**
   * @throws InvalidRequestException if the entity, an id or a feature is wrong
   */
  static FeastRequest of(GetOnlineFeaturesRequest request, String entity, FeastNames names) {
    String key = key(request, entity);
    List<Value> ids = request.getEntitiesOrThrow(key).getValList();
    var read = GetFeaturesRequest.newBuilder().setWithAges(true);
    for (int row = 0; row < ids.size(); row++) {
      read.addCustomerIds(id("entities." + key + "[" + row + "]", ids.get(row)));
    }
    List<FeastName> features =
        switch (request.getKindCase()) {
          case FEATURES -> names.ofReferences(request.getFeatures().getValList());
          case FEATURE_SERVICE -> List.of();
          case KIND_NOT_SET ->
              throw new InvalidRequestException(
                  "features", "not set (expected: features or feature_service)");
        };
    if (request.hasFeatureService()) {
      read.setModel(ModelInputs.newBuilder().setName(request.getFeatureService()));
    } else {
      FeastNames.columns(features, request.getFullFeatureNames());
      read.setFeatures(
          FeatureNames.newBuilder()
              .addAllNames(features.stream().map(FeastName::catalogName).toList()));
    }
    return new FeastRequest(key, ids, features, read.build());
  }

  /** What a field of the read is in the client's request. */
  String field(String ofRead) {
    return ofRead
        .replace("customer_ids", "entities." + entity)
        .replace("features.names", "features")
        .replaceFirst("^model(\\.name)?$", "feature_service");
  }

  private static String key(GetOnlineFeaturesRequest request, String entity) {
    var keys = request.getEntitiesMap().keySet();
    String key = keys.size() == 1 ? keys.iterator().next() : "";
    if (!key.equals(entity) && !key.equals(entity + "_id")) {
      throw new InvalidRequestException(
          "entities", keys + " (expected: exactly one, " + entity + " or " + entity + "_id)");
    }
    return key;
  }

  private static String id(String field, Value value) {
    return switch (value.getValCase()) {
      case STRING_VAL -> value.getStringVal();
      case INT32_VAL -> String.valueOf(value.getInt32Val());
      case INT64_VAL -> String.valueOf(value.getInt64Val());
      case BYTES_VAL, DOUBLE_VAL, FLOAT_VAL, BOOL_VAL, UNIX_TIMESTAMP_VAL, VAL_NOT_SET ->
          throw new InvalidRequestException(
              field, value.getValCase() + " (expected: STRING_VAL, INT32_VAL or INT64_VAL)");
    };
  }
}
