package io.clientele.gateway;

import com.google.protobuf.ByteString;
import io.clientele.scorer.v1.Band;
import io.clientele.scorer.v1.InferRequest;
import io.clientele.scorer.v1.InferResponse;
import io.clientele.scorer.v1.ListModelsRequest;
import io.clientele.scorer.v1.ListModelsResponse;
import io.clientele.scorer.v1.Model;
import io.clientele.scorer.v1.ModelInput;
import io.clientele.scorer.v1.ModelResult;
import io.clientele.scorer.v1.ModelState;
import io.clientele.scorer.v1.ScorerGrpc;
import io.clientele.scorer.v1.Segment;
import io.clientele.scorer.v1.Task;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A scorer with four models: churn is {@code orders / 1000}, value is {@code spend}, segment is
 * {@code orders / 1000} and the rest to 1, reach is {@code orders} and {@code spend}.
 */
final class TestingScorer extends ScorerGrpc.ScorerImplBase {
  static final Model CHURN =
      model("churn", Task.CHURN, "orders", "lateness")
          .addOutputs("churn_probability")
          .addPrior(0.5f)
          .setHorizonDays(90)
          .addBands(Band.newBuilder().setName("low").setUpper(0.35f))
          .addBands(Band.newBuilder().setName("medium").setUpper(0.7f))
          .addBands(Band.newBuilder().setName("high"))
          .build();
  static final Model VALUE =
      model("value", Task.VALUE, "spend")
          .addOutputs("expected_spend")
          .addPrior(33)
          .setHorizonDays(90)
          .setCurrency("USD")
          .addTiers(Band.newBuilder().setName("bronze").setUpper(100))
          .addTiers(Band.newBuilder().setName("gold"))
          .build();
  static final Model SEGMENT =
      model("segment", Task.SEGMENT, "orders")
          .addOutputs("loyal")
          .addOutputs("hibernating")
          .addPrior(0.25f)
          .addPrior(0.75f)
          .addSegments(Segment.newBuilder().setId(10).setName("loyal"))
          .addSegments(Segment.newBuilder().setId(20).setName("hibernating"))
          .build();
  static final Model REACH =
      model("reach", Task.OTHER, "orders", "spend")
          .addOutputs("by_mail")
          .addOutputs("by_phone")
          .addPrior(1)
          .addPrior(2)
          .build();

  final TestingFault infers = new TestingFault();
  final TestingFault lists = new TestingFault();
  final Queue<InferRequest> requests = new ConcurrentLinkedQueue<>();
  final Map<String, Status> modelFailures = new ConcurrentHashMap<>();

  /** What is listed, by name. */
  final Map<String, Model> listed = new ConcurrentHashMap<>();

  /** What runs, by name, where that is not what is listed. */
  final Map<String, Model> running = new ConcurrentHashMap<>();

  TestingScorer() {
    for (Model model : List.of(CHURN, VALUE, SEGMENT, REACH)) {
      listed.put(model.getName(), model);
    }
  }

  static Model.Builder model(String name, Task task, String... inputs) {
    Model.Builder model =
        Model.newBuilder().setName(name).setVersion("1").setState(ModelState.SERVING).setTask(task);
    for (String input : inputs) {
      model.addInputs(ModelInput.newBuilder().setName(input).setDefinition(input + "-defined"));
    }
    return model;
  }

  @Override
  public void listModels(ListModelsRequest request, StreamObserver<ListModelsResponse> observer) {
    lists.answer(
        observer,
        () -> {
          observer.onNext(
              ListModelsResponse.newBuilder().addAllModels(new TreeMap<>(listed).values()).build());
          observer.onCompleted();
        });
  }

  @Override
  public void infer(InferRequest request, StreamObserver<InferResponse> observer) {
    requests.add(request);
    infers.answer(observer, () -> run(request, observer));
  }

  private void run(InferRequest request, StreamObserver<InferResponse> observer) {
    InferResponse.Builder response = InferResponse.newBuilder();
    for (String name : request.getModelsList()) {
      Model model = running.getOrDefault(name, listed.get(name));
      if (model == null) {
        observer.onError(
            Status.INVALID_ARGUMENT.withDescription("models: " + name).asRuntimeException());
        return;
      }
      response.addResults(result(model, request));
    }
    observer.onNext(response.build());
    observer.onCompleted();
  }

  private ModelResult result(Model model, InferRequest request) {
    ModelResult.Builder result =
        ModelResult.newBuilder()
            .setModel(model.getName())
            .setVersion(model.getVersion())
            .setWidth(model.getOutputsCount());
    Status failure = modelFailures.get(model.getName());
    if (failure != null) {
      return result
          .setError(StatusProto.fromStatusAndTrailers(failure, new io.grpc.Metadata()))
          .build();
    }
    ByteBuffer values =
        ByteBuffer.allocate(request.getRows() * model.getOutputsCount() * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int row = 0; row < request.getRows(); row++) {
      for (float output : outputs(model, request, row)) {
        values.putFloat(output);
      }
      result.addMissingInputs(missing(model, request, row));
    }
    return result.setValues(ByteString.copyFrom(values.flip())).build();
  }

  private static float[] outputs(Model model, InferRequest request, int row) {
    return switch (model.getTask()) {
      case CHURN -> new float[] {column("orders", request, row) / 1000};
      case VALUE -> new float[] {column("spend", request, row)};
      case SEGMENT -> {
        float loyal = column("orders", request, row) / 1000;
        float[] memberships = new float[model.getOutputsCount()];
        memberships[0] = loyal;
        memberships[1] = 1 - loyal;
        yield memberships;
      }
      default -> new float[] {column("orders", request, row), column("spend", request, row)};
    };
  }

  private static float column(String name, InferRequest request, int row) {
    int columns = request.getColumnsCount();
    int column = request.getColumnsList().indexOf(name);
    return request
        .getValues()
        .asReadOnlyByteBuffer()
        .order(ByteOrder.LITTLE_ENDIAN)
        .getFloat((row * columns + column) * Float.BYTES);
  }

  private static int missing(Model model, InferRequest request, int row) {
    int presenceBytes = (request.getColumnsCount() + 7) / 8;
    int missing = 0;
    for (ModelInput input : model.getInputsList()) {
      int column = request.getColumnsList().indexOf(input.getName());
      int bits = request.getPresence().byteAt(row * presenceBytes + column / 8);
      missing += (bits >> (column % 8) & 1) == 0 ? 1 : 0;
    }
    return missing;
  }
}
