package io.clientele.scorer.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import com.google.rpc.Status;
import io.clientele.grpc.DeadlineException;
import io.clientele.grpc.InvalidRequestException;
import io.clientele.grpc.Metrics;
import io.clientele.grpc.OverloadedException;
import io.clientele.grpc.UnavailableException;
import io.clientele.scorer.TestingGraph;
import io.clientele.scorer.TestingModel;
import io.clientele.scorer.TestingRequest;
import io.clientele.scorer.repository.LoadedModels;
import io.clientele.scorer.repository.ModelRepository;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultEventExecutor;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One lane that begins when it is told to, so that what waits for it is known. */
final class InferenceLanesTest {
  private static final int QUEUE_ROWS = 16;
  private static final int MAX_BATCH_ROWS = 8;
  private static final List<String> COLUMNS = List.of("a", "b");
  private static final Offset<Float> EXACTLY = Offset.offset(1e-5f);

  private final TestingModel churn = TestingModel.churn("a", "b");
  private final TestingModel value = TestingModel.value("b");
  private final TestingModel lookup =
      TestingModel.other(
          "lookup",
          List.of("a"),
          TestingGraph.lookup(10, 11, 12, 13),
          row -> new float[] {10 + row[0]});
  private final TestingModel logarithm =
      TestingModel.other(
          "logarithm",
          List.of("a"),
          TestingGraph.linear(new float[][] {{1}}, new float[] {1}, "Log"),
          row -> new float[] {(float) Math.log(row[0] + 1)});
  private final Metrics metrics = Metrics.start(null);
  private final CountDownLatch begin = new CountDownLatch(1);
  private final DefaultEventExecutor loop = new DefaultEventExecutor();

  @TempDir private Path root;
  private LoadedModels models;
  private InferenceLanes lanes;

  @BeforeEach
  void start() {
    for (TestingModel model : List.of(churn, value, lookup, logarithm)) {
      model.write(root);
    }
    models = new ModelRepository(root, new OnnxSettings(1, 1, FeatureMatrix.MAX_ROWS)).load();
    assertThat(models.serving().models()).hasSize(4);
    lanes =
        new InferenceLanes(
            1,
            QUEUE_ROWS,
            MAX_BATCH_ROWS,
            new InferenceMetrics(metrics),
            lane ->
                new Thread(
                    () -> {
                      await(begin);
                      lane.run();
                    }));
  }

  @AfterEach
  void stop() throws InterruptedException {
    assertThat(loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS))
        .isTrue();
    begin.countDown();
    lanes.close();
    models.close();
    metrics.close();
  }

  @Test
  void runsWhatWaitsAsOneBatchAndGivesEachCallerItsOwnRows() {
    List<CompletableFuture<List<ModelOutput>>> results = new ArrayList<>();
    for (int i = 0; i < MAX_BATCH_ROWS; i++) {
      results.add(infer(List.of("churn", "value"), new float[] {i, -i}));
    }
    begin.countDown();
    for (int i = 0; i < results.size(); i++) {
      List<ModelOutput> outputs = results.get(i).join();
      assertThat(outputs).map(output -> output.model().name()).containsExactly("churn", "value");
      assertThat(row(outputs.get(0), 0)).containsExactly(churn.answer(i, -i), EXACTLY);
      assertThat(row(outputs.get(1), 0)).containsExactly(value.answer(-i), EXACTLY);
    }
    assertThat(runs("churn")).isEqualTo(1);
    assertThat(runs("value")).isEqualTo(1);
  }

  @Test
  void sharesARunBetweenCallersWithOtherModelsAndKeepsTheirOrder() {
    var first = infer(List.of("value", "churn"), new float[] {1, 2});
    var second = infer(List.of("churn"), new float[] {3, 4}, new float[] {5, 6});
    begin.countDown();
    List<ModelOutput> outputs = first.join();
    assertThat(outputs).map(output -> output.model().name()).containsExactly("value", "churn");
    assertThat(row(outputs.get(1), 0)).containsExactly(churn.answer(1, 2), EXACTLY);
    assertThat(row(second.join().getFirst(), 1)).containsExactly(churn.answer(5, 6), EXACTLY);
    assertThat(runs("churn")).isEqualTo(1);
  }

  @Test
  void keepsColumnsOfOneCallerFromAnother() {
    var straight = infer(List.of("churn"), new float[] {1, 2});
    var swapped =
        lanes.infer(
            models.serving(),
            List.of("churn"),
            List.of("b", "other", "a"),
            matrix(List.of("b", "other", "a"), new float[] {2, 99, 1}));
    begin.countDown();
    assertThat(row(straight.join().getFirst(), 0)).containsExactly(churn.answer(1, 2), EXACTLY);
    assertThat(row(swapped.join().getFirst(), 0)).containsExactly(churn.answer(1, 2), EXACTLY);
  }

  @Test
  void limitsTheRowsOfABatch() {
    for (int i = 0; i < 3; i++) {
      var _ = infer(List.of("churn"), new float[] {1, 1}, new float[] {2, 2}, new float[] {3, 3});
    }
    var last = infer(List.of("churn"), new float[] {4, 4});
    begin.countDown();
    last.join();
    assertThat(runs("churn")).isEqualTo(2); // 3 + 3 rows, then 3 + 1
    assertThat(rows("churn")).isEqualTo(10);
  }

  @Test
  void runsALargerRequestAlone() {
    float[][] rows = new float[MAX_BATCH_ROWS + 1][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new float[] {i, 1};
    }
    var large = infer(List.of("churn"), rows);
    var small = infer(List.of("churn"), new float[] {5, 5});
    begin.countDown();
    assertThat(row(large.join().getFirst(), MAX_BATCH_ROWS))
        .containsExactly(churn.answer(MAX_BATCH_ROWS, 1), EXACTLY);
    assertThat(row(small.join().getFirst(), 0)).containsExactly(churn.answer(5, 5), EXACTLY);
    assertThat(runs("churn")).isEqualTo(2);
  }

  @Test
  void refusesAtOnceWhenTheQueueIsFull() {
    List<CompletableFuture<List<ModelOutput>>> taken = new ArrayList<>();
    for (int i = 0; i < QUEUE_ROWS; i++) {
      taken.add(infer(List.of("churn"), new float[] {i, i}));
    }
    assertThatThrownBy(() -> infer(List.of("churn"), new float[] {0, 0}))
        .isInstanceOf(OverloadedException.class)
        .hasMessageContaining("" + QUEUE_ROWS);
    begin.countDown();
    for (int i = 0; i < QUEUE_ROWS; i++) {
      assertThat(row(taken.get(i).join().getFirst(), 0))
          .containsExactly(churn.answer(i, i), EXACTLY);
    }
    assertThat(infer(List.of("churn"), new float[] {0, 0}).join()).hasSize(1);
  }

  @Test
  void runsOnTheLoopItselfWhatOneTurnOfItHasBrought() throws Exception {
    List<CompletableFuture<List<ModelOutput>>> results = loop.submit(() -> burst(3)).get();
    for (int i = 0; i < 3; i++) { // though the lane's thread has not begun
      assertThat(row(results.get(i).get(10, TimeUnit.SECONDS).getFirst(), 0))
          .containsExactly(churn.answer(i, -i), EXACTLY);
    }
    assertThat(runs("churn")).isEqualTo(1);
  }

  @Test
  void leavesToTheLanesThreadWhatIsTooMuchForALoop() throws Exception {
    var results = loop.submit(() -> burst(MAX_BATCH_ROWS + 1)).get();
    loop.submit(() -> {}).get(); // the burst has been handed on
    assertThat(results).noneMatch(CompletableFuture::isDone);
    begin.countDown();
    for (int i = 0; i < results.size(); i++) {
      assertThat(row(results.get(i).join().getFirst(), 0))
          .containsExactly(churn.answer(i, -i), EXACTLY);
    }
  }

  @Test
  void leavesToTheLanesThreadWhatComesWhileOthersWait() throws Exception {
    var first = infer(List.of("churn"), new float[] {1, 1});
    var second = loop.submit(() -> burst(1)).get().getFirst();
    loop.submit(() -> {}).get();
    assertThat(second).isNotDone();
    begin.countDown();
    assertThat(row(first.join().getFirst(), 0)).containsExactly(churn.answer(1, 1), EXACTLY);
    assertThat(row(second.join().getFirst(), 0)).containsExactly(churn.answer(0, 0), EXACTLY);
  }

  @Test
  void failsWhatALoopHasBroughtWhereTheQueueIsFull() throws Exception {
    var results = loop.submit(() -> burst(QUEUE_ROWS + 1)).get();
    assertThatThrownBy(() -> results.getLast().get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(OverloadedException.class);
    begin.countDown();
    assertThat(results.subList(0, QUEUE_ROWS)).allSatisfy(result -> result.join());
  }

  @Test
  void failsWhatALoopBringsAfterItHasClosed() throws Exception {
    begin.countDown();
    lanes.close();
    var result = loop.submit(() -> burst(1)).get().getFirst();
    assertThatThrownBy(() -> result.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(UnavailableException.class);
  }

  @Test
  void doesNotBeginWorkWhoseDeadlineHasPassedOrThatIsCancelled() throws Exception {
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    Context.CancellableContext passed =
        Context.current().withDeadline(Deadline.after(-1, TimeUnit.SECONDS), timer);
    var late = passed.call(() -> infer(List.of("value"), new float[] {1, 1}));
    Context.CancellableContext gone = Context.current().withCancellation();
    var cancelled = gone.call(() -> infer(List.of("value"), new float[] {2, 2}));
    gone.cancel(null);
    var inTime = infer(List.of("value"), new float[] {3, 3});
    begin.countDown();
    assertThat(row(inTime.join().getFirst(), 0)).containsExactly(value.answer(3), EXACTLY);
    assertThat(late).isCompletedExceptionally();
    assertThatThrownBy(late::join).hasCauseInstanceOf(DeadlineException.class);
    assertThat(cancelled.isCancelled()).isTrue();
    assertThat(rows("value")).isEqualTo(1);
    passed.cancel(null);
    timer.shutdownNow();
  }

  @Test
  void leavesTheOtherAnswersWhereOneModelFails() {
    begin.countDown();
    List<ModelOutput> outputs = infer(List.of("lookup", "churn"), new float[] {100, 1}).join();
    assertThat(error(outputs.get(0)).getCode()).isEqualTo(Code.INTERNAL_VALUE);
    assertThat(error(outputs.get(0)).getMessage()).startsWith("lookup 1: ");
    assertThat(outputs.get(0).values().isEmpty()).isTrue();
    assertThat(outputs.get(1).error()).isNull();
    assertThat(row(outputs.get(1), 0)).containsExactly(churn.answer(100, 1), EXACTLY);
    // and the lane and the model go on
    assertThat(row(infer(List.of("lookup"), new float[] {2, 0}).join().getFirst(), 0))
        .containsExactly(12);
    assertThat(counter("clientele_scorer_model_failures", "lookup")).isEqualTo(1);
  }

  @Test
  void failsOnlyTheCallerWhoseOutputIsNoNumber() {
    var bad = infer(List.of("logarithm"), new float[] {1, 0}, new float[] {-5, 0});
    var good = infer(List.of("logarithm"), new float[] {1, 0});
    begin.countDown();
    assertThat(error(bad.join().getFirst()).getMessage())
        .isEqualTo("logarithm 1: row 1, output output_0: not a finite number");
    assertThat(row(good.join().getFirst(), 0)).containsExactly(logarithm.answer(1), EXACTLY);
    assertThat(runs("logarithm")).isEqualTo(1);
  }

  @Test
  void tellsAModelWhichInputsItLacks() {
    begin.countDown();
    List<String> columns = List.of("b");
    List<ModelOutput> outputs =
        lanes.infer(models.serving(), List.of(), columns, matrix(columns, new float[] {2})).join();
    assertThat(outputs)
        .map(output -> output.model().name())
        .containsExactly("churn", "logarithm", "lookup", "value");
    assertThat(error(outputs.get(0)).getCode()).isEqualTo(Code.INVALID_ARGUMENT_VALUE);
    assertThat(error(outputs.get(0)).getMessage())
        .isEqualTo("columns: lacking a (expected: every input of churn 1)");
    assertThat(row(outputs.get(3), 0)).containsExactly(value.answer(2), EXACTLY);
  }

  @Test
  void namesTheModelsThatServeWhereOneDoesNot() {
    assertThatThrownBy(() -> infer(List.of("churn", "chrun"), new float[] {1, 1}))
        .isInstanceOfSatisfying(
            InvalidRequestException.class, e -> assertThat(e.field()).isEqualTo("models[1]"))
        .hasMessage("chrun (expected: one of [churn, logarithm, lookup, value])");
    assertThatThrownBy(() -> infer(List.of("churn", "churn"), new float[] {1, 1}))
        .hasMessage("churn (expected: each model once)");
  }

  @Test
  void refusesAColumnTwice() {
    List<String> columns = List.of("a", "b", "a");
    assertThatThrownBy(
            () ->
                lanes.infer(
                    models.serving(), List.of(), columns, matrix(columns, new float[] {1, 2, 3})))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessage("a (expected: each once; is columns[0])");
  }

  @Test
  void answersAllThatWaitWhenItCloses() throws InterruptedException {
    List<CompletableFuture<List<ModelOutput>>> waiting = new ArrayList<>();
    Thread closing;
    for (int i = 0; i < 3; i++) {
      waiting.add(infer(List.of("churn"), new float[] {i, i}));
    }
    closing = Thread.ofPlatform().start(lanes::close);
    for (CompletableFuture<List<ModelOutput>> result : waiting) {
      assertThatThrownBy(result::join).hasCauseInstanceOf(UnavailableException.class);
    }
    assertThatThrownBy(() -> infer(List.of("churn"), new float[] {0, 0}))
        .isInstanceOf(UnavailableException.class);
    begin.countDown();
    closing.join();
  }

  @Test
  void remembersColumnsUpToALimit() {
    begin.countDown();
    for (int i = 0; i < 100; i++) {
      List<String> columns = List.of("a", "x" + i, "b");
      ModelOutput output =
          lanes
              .infer(
                  models.serving(),
                  List.of("churn"),
                  columns,
                  matrix(columns, new float[] {i, 7, 1}))
              .join()
              .getFirst();
      assertThat(row(output, 0)).containsExactly(churn.answer(i, 1), EXACTLY);
    }
  }

  private List<CompletableFuture<List<ModelOutput>>> burst(int jobs) {
    List<CompletableFuture<List<ModelOutput>>> results = new ArrayList<>();
    for (int i = 0; i < jobs; i++) {
      results.add(infer(List.of("churn"), new float[] {i, -i}));
    }
    return results;
  }

  private CompletableFuture<List<ModelOutput>> infer(List<String> names, float[]... rows) {
    return lanes.infer(models.serving(), names, COLUMNS, matrix(COLUMNS, rows));
  }

  private static FeatureMatrix matrix(List<String> columns, float[]... rows) {
    return FeatureMatrix.of(rows.length, columns, TestingRequest.bytes(rows), ByteString.EMPTY);
  }

  private static float[] row(ModelOutput output, int row) {
    return TestingRequest.row(output.values(), output.model().outputWidth(), row);
  }

  private static Status error(ModelOutput output) {
    return Objects.requireNonNull(output.error());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private long runs(String model) {
    return histogram(model).getCount();
  }

  private double rows(String model) {
    return histogram(model).getSum();
  }

  private HistogramSnapshot.HistogramDataPointSnapshot histogram(String model) {
    return metrics.registry().scrape(name -> name.equals("clientele_scorer_batch_rows")).stream()
        .flatMap(snapshot -> ((HistogramSnapshot) snapshot).getDataPoints().stream())
        .filter(point -> model.equals(point.getLabels().get("model")))
        .findFirst()
        .orElseThrow();
  }

  private double counter(String name, String model) {
    return metrics.registry().scrape(name::equals).stream()
        .flatMap(snapshot -> ((CounterSnapshot) snapshot).getDataPoints().stream())
        .filter(point -> model.equals(point.getLabels().get("model")))
        .findFirst()
        .orElseThrow()
        .getValue();
  }
}
