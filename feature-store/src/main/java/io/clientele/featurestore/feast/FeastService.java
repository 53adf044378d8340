package io.clientele.featurestore.feast;

import io.clientele.feast.serving.FeatureList;
import io.clientele.feast.serving.FeatureViewMetadata;
import io.clientele.feast.serving.GetFeastServingInfoRequest;
import io.clientele.feast.serving.GetFeastServingInfoResponse;
import io.clientele.feast.serving.GetOnlineFeaturesRequest;
import io.clientele.feast.serving.GetOnlineFeaturesResponse;
import io.clientele.feast.serving.GetOnlineFeaturesResponseMetadata;
import io.clientele.feast.serving.ServingServiceGrpc;
import io.clientele.featurestore.catalog.Catalog;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import io.clientele.grpc.InvalidRequestException;
import io.clientele.grpc.Unary;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Answers Feast's clients from the reads of the feature store. No method blocks. */
public final class FeastService extends ServingServiceGrpc.ServingServiceImplBase {
  private static final GetFeastServingInfoResponse INFO =
      GetFeastServingInfoResponse.newBuilder().setVersion("clientele, for Feast 0.67").build();

  private final String entity;
  private final FeastNames names;
  private final Function<GetFeaturesRequest, ? extends CompletionStage<GetFeaturesResponse>> reads;

  /**
   * @param reads reads as GetFeatures of the feature store does
   */
  public FeastService(
      Catalog catalog,
      Function<GetFeaturesRequest, ? extends CompletionStage<GetFeaturesResponse>> reads) {
    entity = catalog.entity();
    names = new FeastNames(catalog);
    this.reads = reads;
  }

  @Override
  public void getFeastServingInfo(
      GetFeastServingInfoRequest request, StreamObserver<GetFeastServingInfoResponse> observer) {
    Unary.answer(() -> INFO, observer);
  }

  @Override
  public void getOnlineFeatures(
      GetOnlineFeaturesRequest request, StreamObserver<GetOnlineFeaturesResponse> observer) {
    Unary.complete(CompletableFuture.completedStage(request).thenCompose(this::read), observer);
  }

  private CompletionStage<GetOnlineFeaturesResponse> read(GetOnlineFeaturesRequest request) {
    FeastRequest understood = FeastRequest.of(request, entity, names);
    CompletionStage<GetFeaturesResponse> matrix;
    try {
      matrix = reads.apply(understood.read());
    } catch (InvalidRequestException e) {
      throw new InvalidRequestException(
          understood.field(e.field()), String.valueOf(e.getMessage()));
    }
    return matrix.thenApply(
        read ->
            answer(
                understood,
                read,
                request.getFullFeatureNames(),
                request.getIncludeFeatureViewVersionMetadata()));
  }

  private GetOnlineFeaturesResponse answer(
      FeastRequest request, GetFeaturesResponse matrix, boolean full, boolean withViews) {
    List<FeastName> features =
        request.read().hasModel()
            ? matrix.getFeatureNamesList().stream().map(names::ofCatalog).toList()
            : request.names();
    var metadata =
        GetOnlineFeaturesResponseMetadata.newBuilder()
            .setFeatureNames(
                FeatureList.newBuilder()
                    .addVal(request.entity())
                    .addAllVal(FeastNames.columns(features, full)));
    if (withViews) {
      features.stream()
          .map(FeastName::view)
          .distinct()
          .forEach(
              view ->
                  metadata.addFeatureViewMetadata(FeatureViewMetadata.newBuilder().setName(view)));
    }
    var answer =
        GetOnlineFeaturesResponse.newBuilder()
            .setMetadata(metadata)
            .addResults(FeastColumns.entity(request.ids()));
    var columns = new FeastColumns(matrix, features.size());
    for (int column = 0; column < features.size(); column++) {
      answer.addResults(columns.feature(column));
    }
    return answer.build();
  }
}
