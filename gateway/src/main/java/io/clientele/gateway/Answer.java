package io.clientele.gateway;

import com.google.protobuf.Timestamp;
import com.google.rpc.Status;
import io.clientele.gateway.v1.CustomerStatus;
import io.clientele.gateway.v1.ModelError;
import io.clientele.gateway.v1.Origin;
import io.clientele.gateway.v1.Provenance;
import io.clientele.gateway.v1.Scores;
import io.clientele.grpc.ErrorPolicy;
import io.clientele.grpc.PreconditionException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is known of one customer, and how it came to be. Immutable. */
sealed interface Answer {

  /** How the scores came to be. */
  Provenance provenance();

  /**
   * As the caller gets it.
   *
   * @param asked names of models, empty for all; one that has no score stands among the errors
   */
  Scores toScores(String customer, Set<String> asked);

  /**
   * Scores of this customer's own: COMPUTED, CACHED or STALE.
   *
   * @param ageNs since the features were read
   */
  record Own(Scored scored, Provenance provenance, long ageNs) implements Answer {
    private static final long NS_PER_MS = 1_000_000;

    @Override
    public Scores toScores(String customer, Set<String> asked) {
      Scores.Builder scores =
          Scores.newBuilder()
              .setCustomerId(customer)
              .setCustomer(CustomerStatus.FOUND)
              .setFeatureVersion(scored.featureVersion())
              .setAsOf(scored.asOf());
      Set<String> names = scored.models().named(asked);
      scored.write(names, provenance, ageNs / NS_PER_MS, scores);
      addBlocked(scored.models(), names, scores);
      return scores.build();
    }
  }

  /**
   * The population's answer: PRIOR.
   *
   * @param status UNKNOWN, or what could be found out where a dependency is away
   * @param featureVersion 0 where there are no features
   * @param asOf null where no features were read
   * @param reason why there is no score of the customer's own; null where nothing is wrong
   */
  record Population(
      Models models,
      CustomerStatus status,
      long featureVersion,
      @Nullable Timestamp asOf,
      @Nullable Status reason)
      implements Answer {

    @Override
    public Provenance provenance() {
      return Provenance.PRIOR;
    }

    @Override
    public Scores toScores(String customer, Set<String> asked) {
      Scores.Builder scores =
          Scores.newBuilder()
              .setCustomerId(customer)
              .setCustomer(status)
              .setFeatureVersion(featureVersion);
      if (asOf != null) {
        scores.setAsOf(asOf);
      }
      Set<String> names = models.named(asked);
      for (ServedModel model : models.all()) {
        if (names.contains(model.name()) && model.fits()) {
          write(model, scores);
        }
      }
      addBlocked(models, names, scores);
      return scores.build();
    }

    private void write(ServedModel model, Scores.Builder scores) {
      Origin origin = model.origins().of(Provenance.PRIOR, 0, 0, 0);
      model.writer().write(model.prior(), 0, origin, scores);
      if (reason != null) {
        scores.addErrors(error(model.name(), reason));
      }
    }
  }

  /** Adds the models that do not fit the catalog, or that came or went since this was made. */
  private static void addBlocked(Models models, Set<String> names, Scores.Builder scores) {
    for (String name : names) {
      ServedModel model = models.model(name);
      if (model == null) {
        scores.addErrors(
            error(
                name,
                ErrorPolicy.toRpcStatus(
                    new PreconditionException(
                        "model " + name, "not among the models of this answer"))));
      } else if (model.problem() != null) {
        scores.addErrors(error(name, model.problem()));
      }
    }
  }

  private static ModelError error(String model, Status status) {
    return ModelError.newBuilder().setModel(model).setError(status).build();
  }
}
