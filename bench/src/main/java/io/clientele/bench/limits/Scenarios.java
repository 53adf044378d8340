package io.clientele.bench.limits;

import com.google.protobuf.Duration;
import io.clientele.bench.limits.Services.Service;
import io.clientele.cli.SimulatedShop;
import io.clientele.featurestore.v1.CustomerStatus;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.featurestore.v1.GetFeaturesResponse;
import io.clientele.featurestore.v1.RecordEventsRequest;
import io.clientele.featurestore.v1.Verdict;
import io.clientele.gateway.v1.GatewayGrpc;
import io.clientele.gateway.v1.Outcome;
import io.clientele.gateway.v1.Provenance;
import io.clientele.gateway.v1.ScoreBatchRequest;
import io.clientele.gateway.v1.ScoreBatchResponse;
import io.clientele.gateway.v1.ScoreRequest;
import io.clientele.gateway.v1.Scores;
import io.clientele.scorer.v1.InferRequest;
import io.clientele.scorer.v1.InferResponse;
import io.clientele.scorer.v1.ListModelsRequest;
import io.clientele.scorer.v1.Model;
import io.clientele.scorer.v1.ModelState;
import io.clientele.scorer.v1.ScorerGrpc;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.function.Predicate;

/** All that is measured, and the customers that it is measured with. */
final class Scenarios {
  /** Beside which all others are put. */
  static final String ECHO = "echo";

  private static final int CUSTOMERS = 20_000;
  private static final int CACHED_CUSTOMERS = 1_000;
  private static final int BATCH = 100;
  private static final int BATCHES_A_STREAM = 4; // that a server works on at a time
  private static final List<Integer> INFERENCE_ROWS = List.of(1, 16, 256);
  private static final long TIMEOUT_SECONDS = 20;
  private static final Duration COMPUTED = Duration.getDefaultInstance();

  private final Services services;
  private final List<Server> three;
  private final List<Server> store;

  Scenarios(Services services) {
    this.services = services;
    store = List.of(services.featureStore().server(), services.redis());
    three =
        List.of(
            services.gateway().server(),
            services.featureStore().server(),
            services.scorer().server(),
            services.redis());
  }

  /**
   * Loads simulated customers through {@code RecordEvents}.
   *
   * @return events
   * @throws IllegalStateException if the store takes one of them not
   */
  long load() throws InterruptedException {
    var shop = new SimulatedShop(SimulatedShop.Settings.cdnow(CUSTOMERS, 1, Instant.now()));
    List<RecordEventsRequest> batches = Events.batches(shop, BATCH);
    try (Call call = record(4, number -> batches.get((int) number))) {
      Events.send(call, batches.size());
    }
    return batches.stream().mapToLong(RecordEventsRequest::getEventsCount).sum();
  }

  /** The echo first. */
  List<Scenario> all() {
    List<Scenario> all = new ArrayList<>();
    List<ScoreRequest> cached = scores(CACHED_CUSTOMERS, false);
    List<ScoreRequest> computed = scores(CUSTOMERS, true);
    Service echo = services.echo();
    Service oneJvm = services.oneJvm();
    all.add(score(ECHO, echo, List.of(echo.server()), computed, Scenarios::isComputed));
    all.add(score("Score, cached", services.gateway(), three, cached, Scenarios::isScored));
    all.add(
        score(
            "Score, three processes", services.gateway(), three, computed, Scenarios::isComputed));
    all.add(
        score(
            "Score, one JVM",
            oneJvm,
            List.of(oneJvm.server(), services.redis()),
            computed,
            Scenarios::isComputed));
    batches(all);
    features(all, 1);
    features(all, BATCH);
    var shopping = new Events(BATCH);
    all.add(
        new Scenario(
            "RecordEvents of " + BATCH,
            "events",
            BATCH,
            store,
            inFlight -> record(streams(inFlight), number -> shopping.next())));
    inference(all);
    return all;
  }

  private static Scenario score(
      String name,
      Service service,
      List<Server> servers,
      List<ScoreRequest> requests,
      Predicate<Scores> good) {
    return new Scenario(
        name,
        "customers",
        1,
        servers,
        inFlight ->
            new UnaryCall<>(
                service.channels(),
                GatewayGrpc.getScoreMethod(),
                cycle(requests),
                answer -> good.test(answer.getScores())));
  }

  private void batches(List<Scenario> all) {
    List<ScoreBatchRequest> requests = new ArrayList<>();
    for (int i = 0; i < CUSTOMERS; i += BATCH) {
      requests.add(
          ScoreBatchRequest.newBuilder()
              .addAllCustomerIds(ids(i, BATCH))
              .setMaxAge(COMPUTED)
              .build());
    }
    all.add(
        new Scenario(
            "ScoreBatch of " + BATCH,
            "customers",
            BATCH,
            three,
            inFlight ->
                new UnaryCall<>(
                    services.gateway().channels(),
                    GatewayGrpc.getScoreBatchMethod(),
                    cycle(requests),
                    Scenarios::areComputed)));
    all.add(
        new Scenario(
            "ScoreStream of " + BATCH,
            "customers",
            BATCH,
            three,
            inFlight ->
                new StreamedCall<>(
                    services.gateway().channels(),
                    streams(inFlight),
                    GatewayGrpc.getScoreStreamMethod(),
                    cycle(requests),
                    Scenarios::areComputed)));
  }

  private void features(List<Scenario> all, int customers) {
    List<GetFeaturesRequest> requests = new ArrayList<>();
    for (int i = 0; i < CUSTOMERS; i += customers) {
      requests.add(GetFeaturesRequest.newBuilder().addAllCustomerIds(ids(i, customers)).build());
    }
    all.add(
        new Scenario(
            "GetFeatures of " + customers,
            "customers",
            customers,
            store,
            inFlight ->
                new UnaryCall<>(
                    services.featureStore().channels(),
                    FeatureStoreGrpc.getGetFeaturesMethod(),
                    cycle(requests),
                    answer ->
                        answer.getCustomersCount() == customers
                            && answer.getCustomers(0) == CustomerStatus.FOUND)));
  }

  private void inference(List<Scenario> all) {
    List<Model> models =
        ScorerGrpc.newBlockingStub(services.scorer().channels().getFirst())
            .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .listModels(ListModelsRequest.getDefaultInstance())
            .getModelsList()
            .stream()
            .filter(model -> model.getState() == ModelState.SERVING)
            .toList();
    GetFeaturesResponse answer =
        FeatureStoreGrpc.newBlockingStub(services.featureStore().channels().getFirst())
            .withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .getFeatures(
                GetFeaturesRequest.newBuilder()
                    .addAllCustomerIds(ids(0, INFERENCE_ROWS.getLast()))
                    .build());
    var rows = new FeatureRows(answer);
    for (int size : INFERENCE_ROWS) {
      InferRequest request = rows.request(size);
      all.add(
          new Scenario(
              "Infer of " + size,
              "rows",
              size,
              List.of(services.scorer().server()),
              inFlight ->
                  new UnaryCall<>(
                      services.scorer().channels(),
                      ScorerGrpc.getInferMethod(),
                      number -> request,
                      result -> isComplete(result, models.size()))));
      all.add(
          new Scenario(
              "ONNX Runtime of " + size,
              "rows",
              size,
              1,
              List.of(),
              inFlight -> BareSession.open(services.models(), models, rows, size)));
    }
  }

  private Call record(int streams, LongFunction<RecordEventsRequest> requests) {
    return new StreamedCall<>(
        services.featureStore().channels(),
        streams,
        FeatureStoreGrpc.getRecordEventsMethod(),
        requests,
        answer ->
            answer.getVerdictsList().stream().allMatch(verdict -> verdict == Verdict.APPLIED));
  }

  private static int streams(int inFlight) {
    return Math.ceilDiv(inFlight, BATCHES_A_STREAM);
  }

  private static <Q> LongFunction<Q> cycle(List<Q> requests) {
    return number -> requests.get((int) (number % requests.size()));
  }

  private static List<ScoreRequest> scores(int customers, boolean computed) {
    return ids(0, customers).stream()
        .map(
            id -> {
              var request = ScoreRequest.newBuilder().setCustomerId(id);
              return computed ? request.setMaxAge(COMPUTED).build() : request.build();
            })
        .toList();
  }

  private static List<String> ids(int first, int count) {
    List<String> ids = new ArrayList<>();
    for (int i = first; i < first + count; i++) {
      ids.add("c%07d".formatted(i + 1)); // as the simulated shop names them
    }
    return ids;
  }

  private static boolean areComputed(ScoreBatchResponse answer) {
    return answer.getOutcomesCount() == BATCH
        && answer.getOutcomesList().stream()
            .map(Outcome::getScores)
            .allMatch(Scenarios::isComputed);
  }

  private static boolean isComputed(Scores scores) {
    return scores.getChurn().getOrigin().getProvenance() == Provenance.COMPUTED;
  }

  /** From the cache, or, the first time and when it is too old, computed. */
  private static boolean isScored(Scores scores) {
    return isComputed(scores) || scores.getChurn().getOrigin().getProvenance() == Provenance.CACHED;
  }

  private static boolean isComplete(InferResponse answer, int models) {
    return answer.getResultsCount() == models
        && answer.getResultsList().stream().noneMatch(result -> result.hasError());
  }
}
