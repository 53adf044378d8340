package io.clientele.scorer;

import io.clientele.grpc.Unary;
import io.clientele.scorer.inference.FeatureMatrix;
import io.clientele.scorer.inference.InferenceLanes;
import io.clientele.scorer.inference.ModelOutput;
import io.clientele.scorer.repository.LoadedModels;
import io.clientele.scorer.v1.InferRequest;
import io.clientele.scorer.v1.InferResponse;
import io.clientele.scorer.v1.ListModelsRequest;
import io.clientele.scorer.v1.ListModelsResponse;
import io.clientele.scorer.v1.ModelResult;
import io.clientele.scorer.v1.ScorerGrpc;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The service. It never waits: a lane answers. Thread-safe. */
final class ScorerService extends ScorerGrpc.ScorerImplBase {
  private final Supplier<LoadedModels> models;
  private final InferenceLanes lanes;

  /**
   * @param models asked once a call, so that a call sees one state of the repository
   */
  ScorerService(Supplier<LoadedModels> models, InferenceLanes lanes) {
    this.models = models;
    this.lanes = lanes;
  }

  @Override
  public void infer(InferRequest request, StreamObserver<InferResponse> observer) {
    Unary.complete(infer(request).thenApply(ScorerService::response), observer);
  }

  private CompletableFuture<List<ModelOutput>> infer(InferRequest request) {
    try {
      List<String> columns = request.getColumnsList();
      FeatureMatrix matrix =
          FeatureMatrix.of(request.getRows(), columns, request.getValues(), request.getPresence());
      return lanes.infer(models.get().serving(), request.getModelsList(), columns, matrix);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public void listModels(ListModelsRequest request, StreamObserver<ListModelsResponse> observer) {
    Unary.answer(() -> ModelListing.of(models.get()), observer);
  }

  private static InferResponse response(List<ModelOutput> outputs) {
    InferResponse.Builder response = InferResponse.newBuilder();
    for (int i = 0; i < outputs.size(); i++) {
      response.addResults(result(outputs.get(i)));
    }
    return response.build();
  }

  private static ModelResult result(ModelOutput output) {
    ModelResult.Builder result =
        ModelResult.newBuilder()
            .setModel(output.model().name())
            .setVersion(output.model().version())
            .setWidth(output.model().outputWidth())
            .setValues(output.values());
    for (int row = 0; row < output.rows(); row++) {
      result.addMissingInputs(output.missing(row));
    }
    if (output.error() != null) {
      result.setError(output.error());
    }
    return result.build();
  }
}
