package io.clientele.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import io.clientele.grpc.Channels;
import io.clientele.grpc.HostPort;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.ServerSettings;
import io.clientele.scorer.v1.InferRequest;
import io.clientele.scorer.v1.InferResponse;
import io.clientele.scorer.v1.ListModelsRequest;
import io.clientele.scorer.v1.Model;
import io.clientele.scorer.v1.ModelResult;
import io.clientele.scorer.v1.ModelState;
import io.clientele.scorer.v1.ScorerGrpc;
import io.clientele.scorer.v1.Task;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ScorerServerTest {
  private static final HostPort FREE = new HostPort("127.0.0.1", 0);
  private static final Offset<Float> EXACTLY = Offset.offset(1e-5f);
  private static final List<String> COLUMNS = List.of("a", "b", "c");

  private final TestingModel segment = TestingModel.segment("a", "b", "c");
  private final TestingModel churn = TestingModel.churn("c", "a");
  private final TestingModel value = TestingModel.value("b");
  private final Metrics metrics = Metrics.start(FREE);
  private final List<AutoCloseable> opened = new ArrayList<>(List.of(metrics));

  @TempDir private Path root;

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable resource : opened.reversed()) {
      resource.close();
    }
  }

  @Test
  void answersForEveryModelThatServes() {
    ScorerGrpc.ScorerBlockingStub scorer = start(segment, churn, value);
    float[][] rows = {{1, 2, 3}, {4, 5, 6}, {0, 0, 0}};
    InferResponse response = scorer.infer(TestingRequest.of(COLUMNS, rows).build());
    assertThat(response.getResultsList())
        .map(ModelResult::getModel)
        .containsExactly("churn", "segment", "value");
    for (int r = 0; r < rows.length; r++) {
      float[] row = rows[r];
      assertThat(TestingRequest.row(response.getResults(0), r))
          .containsExactly(churn.answer(row[2], row[0]), EXACTLY);
      assertThat(TestingRequest.row(response.getResults(1), r))
          .containsExactly(segment.answer(row), EXACTLY);
      assertThat(TestingRequest.row(response.getResults(2), r))
          .containsExactly(value.answer(row[1]), EXACTLY);
    }
    assertThat(response.getResults(1).getWidth()).isEqualTo(3);
    assertThat(response.getResults(1).getVersion()).isEqualTo("1");
    assertThat(response.getResults(1).getMissingInputsList()).containsExactly(0, 0, 0);
  }

  @Test
  void putsDefaultsWhereValuesAreMissingAndCountsThem() {
    ScorerGrpc.ScorerBlockingStub scorer = start(segment, churn);
    float missing = TestingModel.defaultValue();
    InferRequest request =
        TestingRequest.of(
                COLUMNS,
                new boolean[][] {{true, true, true}, {false, true, false}, {true, false, true}},
                new float[] {1, 2, 3},
                new float[] {4, 5, 6},
                new float[] {7, 8, 9})
            .addModels("segment")
            .addModels("churn")
            .build();
    InferResponse response = scorer.infer(request);
    ModelResult segments = response.getResults(0);
    assertThat(segments.getMissingInputsList()).containsExactly(0, 2, 1);
    assertThat(TestingRequest.row(segments, 0)).containsExactly(segment.answer(1, 2, 3), EXACTLY);
    assertThat(TestingRequest.row(segments, 1))
        .containsExactly(segment.answer(missing, 5, missing), EXACTLY);
    assertThat(TestingRequest.row(segments, 2))
        .containsExactly(segment.answer(7, missing, 9), EXACTLY);
    ModelResult churns = response.getResults(1);
    assertThat(churns.getMissingInputsList()).containsExactly(0, 2, 0);
    assertThat(TestingRequest.row(churns, 1))
        .containsExactly(churn.answer(missing, missing), EXACTLY);
  }

  @Test
  void givesEachOfManyCallersItsOwnRows() throws Exception {
    ScorerGrpc.ScorerBlockingStub scorer = start(segment, churn, value);
    try (ExecutorService callers = Executors.newFixedThreadPool(16)) {
      List<Future<?>> calls = new ArrayList<>();
      for (int caller = 0; caller < 16; caller++) {
        int seed = caller;
        calls.add(callers.submit(() -> callAndCompare(scorer, new Random(seed))));
      }
      for (Future<?> call : calls) {
        call.get();
      }
    }
  }

  /** Calls with random rows, gaps, models and orders of columns; compares with its own sums. */
  private void callAndCompare(ScorerGrpc.ScorerBlockingStub scorer, Random random) {
    for (int call = 0; call < 60; call++) {
      List<String> columns = random.nextBoolean() ? COLUMNS : List.of("c", "unused", "a", "b");
      int count = 1 + random.nextInt(random.nextInt(10) == 0 ? 300 : 4);
      float[][] rows = new float[count][columns.size()];
      boolean[][] present = new boolean[count][columns.size()];
      float[][] seen = new float[count][3]; // a, b, c as the models see them
      for (int r = 0; r < count; r++) {
        for (int c = 0; c < columns.size(); c++) {
          rows[r][c] = random.nextFloat() * 4 - 2;
          present[r][c] = random.nextInt(4) > 0;
          int input = COLUMNS.indexOf(columns.get(c));
          if (input >= 0) {
            seen[r][input] = present[r][c] ? rows[r][c] : TestingModel.defaultValue();
          }
        }
      }
      InferRequest.Builder request = TestingRequest.of(columns, present, rows);
      if (random.nextBoolean()) {
        request.addModels("value").addModels("churn").addModels("segment");
      }
      for (ModelResult result : scorer.infer(request.build()).getResultsList()) {
        for (int r = 0; r < count; r++) {
          float[] expected =
              switch (result.getModel()) {
                case "segment" -> segment.answer(seen[r]);
                case "churn" -> churn.answer(seen[r][2], seen[r][0]);
                default -> value.answer(seen[r][1]);
              };
          assertThat(TestingRequest.row(result, r)).containsExactly(expected, EXACTLY);
        }
      }
    }
  }

  @Test
  void namesTheFieldTheValueAndWhatServes() throws InvalidProtocolBufferException {
    ScorerGrpc.ScorerBlockingStub scorer = start(churn);
    InferRequest request =
        TestingRequest.of(COLUMNS, new float[] {1, 2, 3}).addModels("chrun").build();
    assertThat(violation(scorer, request))
        .isEqualTo(
            BadRequest.FieldViolation.newBuilder()
                .setField("models[0]")
                .setDescription("chrun (expected: one of [churn])")
                .build());
    InferRequest infinite =
        TestingRequest.of(COLUMNS, new float[] {1, Float.POSITIVE_INFINITY, 3}).build();
    assertThat(violation(scorer, infinite))
        .isEqualTo(
            BadRequest.FieldViolation.newBuilder()
                .setField("values")
                .setDescription("row 0, column b: Infinity (expected: a finite number)")
                .build());
    assertThat(
            violation(scorer, request.toBuilder().setValues(ByteString.EMPTY).build()).getField())
        .isEqualTo("values");
    assertThat(violation(scorer, request.toBuilder().setRows(0).build()).getDescription())
        .isEqualTo("0 (expected: 1..1024)");
    assertThat(violation(scorer, InferRequest.newBuilder().setRows(1).build()).getField())
        .isEqualTo("columns");
  }

  private static BadRequest.FieldViolation violation(
      ScorerGrpc.ScorerBlockingStub scorer, InferRequest request)
      throws InvalidProtocolBufferException {
    StatusRuntimeException failure =
        catchThrowableOfType(StatusRuntimeException.class, () -> scorer.infer(request));
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    Any detail = Objects.requireNonNull(StatusProto.fromThrowable(failure)).getDetails(0);
    return detail.unpack(BadRequest.class).getFieldViolations(0);
  }

  @Test
  void leavesTheOtherAnswersWhereOneModelFails() {
    TestingModel lookup =
        TestingModel.other(
            "lookup",
            List.of("a"),
            TestingGraph.lookup(10, 11, 12, 13),
            row -> new float[] {10 + row[0]});
    ScorerGrpc.ScorerBlockingStub scorer = start(lookup, churn);
    InferResponse response =
        scorer.infer(TestingRequest.of(List.of("a", "c"), new float[] {99, 1}).build());
    assertThat(TestingRequest.row(response.getResults(0), 0))
        .containsExactly(churn.answer(1, 99), EXACTLY);
    assertThat(response.getResults(1).getModel()).isEqualTo("lookup");
    assertThat(response.getResults(1).getError().getCode()).isEqualTo(Status.Code.INTERNAL.value());
    assertThat(response.getResults(1).getValues()).isEmpty();
  }

  @Test
  void listsWhatServesAndWhatWasRefusedAndWhy() {
    TestingModel broken = TestingModel.churn("c", "a").version("2");
    broken.manifest().put("catalog_hash", "?");
    broken.write(root);
    ScorerGrpc.ScorerBlockingStub scorer = start(churn, segment);
    List<Model> models = scorer.listModels(ListModelsRequest.getDefaultInstance()).getModelsList();
    assertThat(models)
        .map(model -> model.getName() + " " + model.getVersion())
        .containsExactly("churn 2", "churn 1", "segment 1");
    assertThat(models.get(0).getState()).isEqualTo(ModelState.REFUSED);
    assertThat(models.get(0).getProblem())
        .startsWith(root.resolve("churn/2/manifest.json") + ": catalog_hash: \"?\"");
    Model serving = models.get(1);
    assertThat(serving.getState()).isEqualTo(ModelState.SERVING);
    assertThat(serving.getTask()).isEqualTo(Task.CHURN);
    assertThat(serving.getInputsList()).map(input -> input.getName()).containsExactly("c", "a");
    assertThat(serving.getInputs(0).getDefaultValue()).isEqualTo(TestingModel.defaultValue());
    assertThat(serving.getHorizonDays()).isEqualTo(90);
    assertThat(serving.getBandsList()).hasSize(3);
    assertThat(serving.getBands(1).getUpper()).isEqualTo(0.7f);
    assertThat(serving.getBands(2).hasUpper()).isFalse();
    assertThat(serving.getSha256()).hasSize(64);
    assertThat(models.get(2).getSegmentsList()).hasSize(3);
    assertThat(models.get(2).getPriorList()).hasSize(3);
  }

  @Test
  void isServingOnceAModelServes() {
    start(churn);
    assertThat(health("")).isEqualTo(ServingStatus.SERVING);
    assertThat(health(ScorerGrpc.SERVICE_NAME)).isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void runsAsNotServingWhereNoModelPasses() {
    TestingModel broken = TestingModel.churn("a");
    broken.onnx().put("sha256", "0".repeat(64));
    ScorerGrpc.ScorerBlockingStub scorer = start(broken);
    assertThat(health("")).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(scorer.listModels(ListModelsRequest.getDefaultInstance()).getModelsList())
        .singleElement()
        .matches(model -> model.getProblem().contains("sha256"));
    StatusRuntimeException failure =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> scorer.infer(TestingRequest.of(COLUMNS, new float[] {1, 2, 3}).build()));
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void doesNotListAsEmptyWhatItHasNotReadYet() throws Exception {
    HostPort address = freePort();
    Path manifest = root.resolve("churn/1/manifest.json");
    Files.createDirectories(manifest.getParent());
    // Who reads a pipe waits until somebody writes.
    assertThat(new ProcessBuilder("mkfifo", manifest.toString()).start().waitFor()).isZero();
    ScorerSettings settings =
        new ScorerSettings(ServerSettings.on(address), root, 2, 64 * 1024, 256, 1);
    try (ExecutorService starter = Executors.newSingleThreadExecutor()) {
      Future<ScorerServer> starting = starter.submit(() -> ScorerServer.start(settings, metrics));
      ManagedChannel channel = Channels.open(address);
      opened.add(() -> Channels.close(channel));
      ScorerGrpc.ScorerBlockingStub scorer = ScorerGrpc.newBlockingStub(channel).withWaitForReady();

      StatusRuntimeException failure =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () -> scorer.listModels(ListModelsRequest.getDefaultInstance()));
      Files.writeString(manifest, "{}");
      opened.add(1, starting.get());

      assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(scorer.listModels(ListModelsRequest.getDefaultInstance()).getModelsList())
          .singleElement()
          .matches(model -> model.getState() == ModelState.REFUSED);
    }
  }

  private static HostPort freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return new HostPort("127.0.0.1", socket.getLocalPort());
    }
  }

  @Test
  void countsNothingOfItsWarmUp() throws IOException, InterruptedException {
    churn.write(root);
    ServerSettings warm = new ServerSettings(FREE, 4 << 20, Duration.ZERO, Duration.ofHours(1));
    ScorerServer server =
        ScorerServer.start(new ScorerSettings(warm, root, 2, 64 * 1024, 256, 1), metrics);
    opened.add(server);

    assertThat(health("")).isEqualTo(ServingStatus.SERVING);
    assertThat(page())
        .contains("clientele_scorer_models{state=\"serving\"} 1.0")
        .doesNotContain("clientele_scorer_batch_rows_count")
        .doesNotContain("method=\"Infer\"");
  }

  @Test
  void answersWhatIsInFlightWhenItStops() throws Exception {
    for (TestingModel model : List.of(segment, churn, value)) {
      model.write(root);
    }
    ScorerServer server = ScorerServer.start(settings(), metrics);
    opened.add(server);
    ManagedChannel channel = open(server);
    ScorerGrpc.ScorerFutureStub scorer = ScorerGrpc.newFutureStub(channel);
    float[][] rows = new float[1024][3];
    scorer.infer(TestingRequest.of(COLUMNS, rows).build()).get(); // the channel is up
    List<ListenableFuture<InferResponse>> calls = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      calls.add(scorer.infer(TestingRequest.of(COLUMNS, rows).build()));
    }
    calls.getFirst().get(); // the others are on their way
    server.close();
    int answered = 0;
    for (ListenableFuture<InferResponse> call : calls) {
      try {
        assertThat(call.get().getResultsList()).hasSize(3);
        answered++;
      } catch (ExecutionException e) {
        // sent after the server said that it takes no more
        assertThat(Status.fromThrowable(e).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      }
    }
    assertThat(answered).isPositive();
  }

  @Test
  void canBeStartedAgainInTheSameProcess() {
    churn.write(root);
    ScorerServer.start(settings(), metrics).close();
    InferRequest request = TestingRequest.of(COLUMNS, new float[] {1, 2, 3}).build();
    assertThat(start(churn).infer(request).getResultsCount()).isEqualTo(1);
  }

  @Test
  void showsWhatItDoesAsMetrics() throws IOException, InterruptedException {
    TestingModel broken = TestingModel.churn("a").version("2");
    broken.onnx().put("sha256", "0".repeat(64));
    broken.write(root);
    ScorerGrpc.ScorerBlockingStub scorer = start(churn);
    InferResponse response =
        scorer.infer(
            TestingRequest.of(COLUMNS, new boolean[][] {{true, true, false}}, new float[] {1, 2, 3})
                .build());
    assertThat(response.getResultsCount()).isEqualTo(1);
    assertThat(page())
        .contains("clientele_scorer_models{state=\"serving\"} 1.0")
        .contains("clientele_scorer_models{state=\"refused\"} 1.0")
        .contains("clientele_scorer_missing_inputs_total{model=\"churn\"} 1.0")
        .contains("clientele_scorer_batch_rows_count{model=\"churn\"} 1")
        .contains("clientele_scorer_queue_rows 0.0")
        .contains("clientele_stage_seconds_count{service=\"scorer\",stage=\"queue\"} 1")
        .contains("clientele_stage_seconds_count{service=\"scorer\",stage=\"infer\"} 1");
  }

  private String page() throws IOException, InterruptedException {
    URI uri = URI.create("http://" + metrics.address() + "/metrics");
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  private ScorerGrpc.ScorerBlockingStub start(TestingModel... models) {
    for (TestingModel model : models) {
      model.write(root);
    }
    ScorerServer server = ScorerServer.start(settings(), metrics);
    opened.add(server);
    return ScorerGrpc.newBlockingStub(open(server));
  }

  private ServingStatus health(String service) {
    ScorerServer server = (ScorerServer) opened.get(1);
    return HealthGrpc.newBlockingStub(open(server))
        .check(HealthCheckRequest.newBuilder().setService(service).build())
        .getStatus();
  }

  private ManagedChannel open(ScorerServer server) {
    ManagedChannel channel = Channels.open(server.address());
    opened.add(() -> Channels.close(channel));
    return channel;
  }

  private ScorerSettings settings() {
    return new ScorerSettings(ServerSettings.on(FREE), root, 2, 64 * 1024, 256, 1);
  }
}
