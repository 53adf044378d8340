package io.clientele.bench.limits;

import io.clientele.cli.SimulatedShop;
import io.clientele.featurestore.v1.CustomerStatus;
import io.clientele.featurestore.v1.FeatureStoreGrpc;
import io.clientele.featurestore.v1.GetFeaturesRequest;
import io.clientele.featurestore.v1.GetFeaturesResponse;
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

/** All that is measured, and the customers that it is measured with. */
final class Scenarios {
  /** Beside which all others are put. */
  static final String ECHO = "echo";

  private static final int CUSTOMERS = 20_000;
  private static final int CACHED_CUSTOMERS = 1_000;
  private static final int BATCH = 100;
  private static final List<Integer> INFERENCE_ROWS = List.of(1, 16, 256);
  private static final long TIMEOUT_SECONDS = 20;

  private final Services services;
  private final List<Server> three;
  private final List<Server> store;

  Scenarios(Services services) {
    this.services = services;
    store = List.of(services.featureStore().server(), services.redis().server());
    three =
        List.of(
            services.gateway().server(),
            services.featureStore().server(),
            services.scorer().server(),
            services.redis().server());
  }

  /**
   * Loads simulated customers through {@code RecordEvents}.
   *
   * @return events
   * @throws IllegalStateException if the store takes one of them not
   */
  long load() {
    var shop = new SimulatedShop(SimulatedShop.Settings.cdnow(CUSTOMERS, 1, Instant.now()));
    return ShopLoad.record(services.featureStore(), shop, /* skipped= */ 0);
  }

  /** The echo first. */
  List<Scenario> all() {
    List<Scenario> all = new ArrayList<>();
    List<String> customers = ids(0, CUSTOMERS);
    var three = new ScoreScenarios(services.gateway(), this.three, customers);
    List<Server> one = List.of(services.oneJvm().server(), services.redis().server());
    List<Server> none = List.of(services.echo().server());
    all.add(new ScoreScenarios(services.echo(), none, customers).computed(ECHO));
    all.add(
        new ScoreScenarios(services.gateway(), this.three, ids(0, CACHED_CUSTOMERS))
            .cached("Score, cached"));
    all.add(three.computed("Score, three processes"));
    all.add(new ScoreScenarios(services.oneJvm(), one, customers).computed("Score, one JVM"));
    all.add(three.batch(BATCH));
    all.add(three.stream(BATCH));
    features(all, 1);
    features(all, BATCH);
    events(all, "orders", Events.orders(BATCH));
    events(all, "views", Events.views(BATCH));
    inference(all);
    return all;
  }

  private void events(List<Scenario> all, String what, Events events) {
    all.add(
        new Scenario(
            "RecordEvents of " + BATCH + " " + what,
            "events",
            BATCH,
            store,
            inFlight ->
                Events.call(
                    services.featureStore(),
                    ScoreScenarios.streams(inFlight),
                    number -> events.next())));
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
                    ScoreScenarios.cycle(requests),
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

  /** Customers of the simulated shop, the first being 0. */
  static List<String> ids(int first, int count) {
    List<String> ids = new ArrayList<>(count);
    for (int i = first; i < first + count; i++) {
      ids.add(id(i));
    }
    return ids;
  }

  /** As the shop names them. */
  static String id(int customer) {
    return "c%07d".formatted(customer + 1);
  }

  private static boolean isComplete(InferResponse answer, int models) {
    return answer.getResultsCount() == models
        && answer.getResultsList().stream().noneMatch(result -> result.hasError());
  }
}
