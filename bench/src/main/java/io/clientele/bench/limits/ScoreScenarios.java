package io.clientele.bench.limits;

import com.google.protobuf.Duration;
import io.clientele.bench.limits.Processes.Service;
import io.clientele.gateway.v1.GatewayGrpc;
import io.clientele.gateway.v1.Outcome;
import io.clientele.gateway.v1.Provenance;
import io.clientele.gateway.v1.ScoreBatchRequest;
import io.clientele.gateway.v1.ScoreBatchResponse;
import io.clientele.gateway.v1.ScoreRequest;
import io.clientele.gateway.v1.Scores;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.Predicate;

/**
 * What a gateway is asked.
 *
 * @param servers the processes that work on it
 * @param customers of whom it is asked, in turn; the store knows them
 */
record ScoreScenarios(Service gateway, List<Server> servers, List<String> customers) {
  private static final int BATCHES_A_STREAM = 4; // that a server works on at a time
  private static final Duration COMPUTED = Duration.getDefaultInstance();

  /** {@code Score}, features read and models run. */
  Scenario computed(String name) {
    return score(
        name,
        customers.stream().map(id -> request(id).setMaxAge(COMPUTED).build()).toList(),
        ScoreScenarios::isComputed);
  }

  /** {@code Score} from the cache or, the first time and when it is too old, computed. */
  Scenario cached(String name) {
    return score(
        name,
        customers.stream().map(id -> request(id).build()).toList(),
        scores -> isComputed(scores) || provenance(scores) == Provenance.CACHED);
  }

  private static ScoreRequest.Builder request(String customer) {
    return ScoreRequest.newBuilder().setCustomerId(customer);
  }

  private Scenario score(String name, List<ScoreRequest> requests, Predicate<Scores> good) {
    return new Scenario(
        name,
        "customers",
        1,
        servers,
        inFlight ->
            new UnaryCall<>(
                gateway.channels(),
                GatewayGrpc.getScoreMethod(),
                cycle(requests),
                answer -> good.test(answer.getScores())));
  }

  /** {@code ScoreBatch} of so many customers a call, computed. */
  Scenario batch(int size) {
    List<ScoreBatchRequest> requests = batches(size);
    return new Scenario(
        "ScoreBatch of " + size,
        "customers",
        size,
        servers,
        inFlight ->
            new UnaryCall<>(
                gateway.channels(),
                GatewayGrpc.getScoreBatchMethod(),
                cycle(requests),
                answer -> areComputed(answer, size)));
  }

  /** {@code ScoreStream} of so many customers a message, computed. */
  Scenario stream(int size) {
    List<ScoreBatchRequest> requests = batches(size);
    return new Scenario(
        "ScoreStream of " + size,
        "customers",
        size,
        servers,
        inFlight ->
            new StreamedCall<>(
                gateway.channels(),
                streams(inFlight),
                GatewayGrpc.getScoreStreamMethod(),
                cycle(requests),
                answer -> areComputed(answer, size)));
  }

  private List<ScoreBatchRequest> batches(int size) {
    List<ScoreBatchRequest> requests = new ArrayList<>();
    for (int i = 0; i + size <= customers.size(); i += size) {
      requests.add(
          ScoreBatchRequest.newBuilder()
              .addAllCustomerIds(customers.subList(i, i + size))
              .setMaxAge(COMPUTED)
              .build());
    }
    return requests;
  }

  /** How many streams have so many messages in flight. */
  static int streams(int inFlight) {
    return Math.ceilDiv(inFlight, BATCHES_A_STREAM);
  }

  static <Q> LongFunction<Q> cycle(List<Q> requests) {
    return number -> requests.get((int) (number % requests.size()));
  }

  private static boolean areComputed(ScoreBatchResponse answer, int size) {
    return answer.getOutcomesCount() == size
        && answer.getOutcomesList().stream()
            .map(Outcome::getScores)
            .allMatch(ScoreScenarios::isComputed);
  }

  private static boolean isComputed(Scores scores) {
    return provenance(scores) == Provenance.COMPUTED;
  }

  private static Provenance provenance(Scores scores) {
    return scores.getChurn().getOrigin().getProvenance();
  }
}
