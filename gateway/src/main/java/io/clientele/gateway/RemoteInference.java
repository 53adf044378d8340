package io.clientele.gateway;

import io.clientele.scorer.v1.InferRequest;
import io.clientele.scorer.v1.InferResponse;
import io.clientele.scorer.v1.ModelResult;
import io.clientele.scorer.v1.ScorerGrpc;
import io.grpc.Deadline;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Runs models in the scorer, over gRPC. The outputs stand in the order of the models that run. */
final class RemoteInference implements Dependency<InferenceQuery, List<ModelOutputs>> {
  private final RemoteCalls calls;

  RemoteInference(RemoteCalls calls) {
    this.calls = calls;
  }

  @Override
  public CompletionStage<List<ModelOutputs>> ask(InferenceQuery query, Deadline deadline) {
    Models models = query.models();
    FeatureMatrix features = query.features();
    InferRequest request =
        models.run().toBuilder()
            .setRows(features.rows())
            .setValues(features.values())
            .setPresence(features.presence())
            .build();
    return calls
        .call(ScorerGrpc.getInferMethod(), request, deadline)
        .thenApply(response -> decode(models, features.rows(), response));
  }

  private static List<ModelOutputs> decode(Models models, int rows, InferResponse response) {
    List<String> names = models.runningNames();
    List<String> answered = response.getResultsList().stream().map(ModelResult::getModel).toList();
    if (!answered.equals(names)) {
      throw new IllegalStateException("Infer results: " + answered + " (expected: " + names + ")");
    }
    return response.getResultsList().stream().map(result -> decode(rows, result)).toList();
  }

  private static ModelOutputs decode(int rows, ModelResult result) {
    if (!result.hasError()) {
      int bytes = result.getValues().size();
      int expected = rows * result.getWidth() * Float.BYTES;
      if (bytes != expected || result.getMissingInputsCount() != rows) {
        throw new IllegalStateException(
            "Infer result of %s: %d bytes, %d counts (expected: %d, %d)"
                .formatted(
                    result.getModel(), bytes, result.getMissingInputsCount(), expected, rows));
      }
    }
    return new ModelOutputs(
        result.getModel(),
        result.getVersion(),
        result.getWidth(),
        result.getValues(),
        result.getMissingInputsList(),
        result.hasError() ? result.getError() : null);
  }
}
