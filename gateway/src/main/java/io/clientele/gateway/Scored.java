package io.clientele.gateway;

import com.google.protobuf.Timestamp;
import com.google.rpc.Status;
import io.clientele.gateway.v1.ModelError;
import io.clientele.gateway.v1.Origin;
import io.clientele.gateway.v1.Provenance;
import io.clientele.gateway.v1.Scores;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One customer's raw outputs, and the models that they mean something to. Immutable: the arrays
 * belong to it.
 */
final class Scored implements Loaded {
  private final Models models;
  private final boolean known;
  private final long featureVersion;
  private final Timestamp asOf;
  private final long readNs;
  private final float[] outputs;
  private final int[] missingInputs;
  private final int[] staleInputs;
  private final @Nullable Status[] errors;
  private final boolean outdated;

  /**
   * @param known whether the store has state for the customer; where not, there are no outputs
   * @param featureVersion of the features behind it; 0 where the customer is not known
   * @param asOf the moment at which those features held
   * @param readNs when the load began, by the gateway's ticker: no feature is older
   * @param outputs of all models that run, one after the other
   * @param missingInputs one a model that runs: inputs that had the manifest's default
   * @param staleInputs one a model that runs: inputs older than their limit; empty for none at all
   * @param errors one a model that runs: why it has no outputs; null where it has
   */
  Scored(
      Models models,
      boolean known,
      long featureVersion,
      Timestamp asOf,
      long readNs,
      float[] outputs,
      int[] missingInputs,
      int[] staleInputs,
      @Nullable Status[] errors) {
    this(
        models,
        known,
        featureVersion,
        asOf,
        readNs,
        outputs,
        missingInputs,
        staleInputs,
        errors,
        false);
  }

  private Scored(
      Models models,
      boolean known,
      long featureVersion,
      Timestamp asOf,
      long readNs,
      float[] outputs,
      int[] missingInputs,
      int[] staleInputs,
      @Nullable Status[] errors,
      boolean outdated) {
    this.models = models;
    this.known = known;
    this.featureVersion = featureVersion;
    this.asOf = asOf;
    this.readNs = readNs;
    this.outputs = outputs;
    this.missingInputs = missingInputs;
    this.staleInputs = staleInputs;
    this.errors = errors;
    this.outdated = outdated;
  }

  /** The same, known to be of features that have changed since. */
  Scored asOutdated() {
    return new Scored(
        models,
        known,
        featureVersion,
        asOf,
        readNs,
        outputs,
        missingInputs,
        staleInputs,
        errors,
        true);
  }

  /** Whether the features are known to have changed since. */
  boolean outdated() {
    return outdated;
  }

  Models models() {
    return models;
  }

  boolean known() {
    return known;
  }

  @Override
  public long featureVersion() {
    return featureVersion;
  }

  @Override
  public Timestamp asOf() {
    return asOf;
  }

  long readNs() {
    return readNs;
  }

  /** Adds the scores of these models, or their errors, to an answer. */
  void write(Set<String> names, Provenance provenance, long ageMs, Scores.Builder scores) {
    List<ServedModel> running = models.running();
    int offset = 0;
    for (int m = 0; m < running.size(); m++) {
      ServedModel model = running.get(m);
      if (names.contains(model.name())) {
        Status error = errors[m];
        if (error == null) {
          model.writer().write(outputs, offset, origin(model, m, provenance, ageMs), scores);
        } else {
          scores.addErrors(ModelError.newBuilder().setModel(model.name()).setError(error));
        }
      }
      offset += model.width();
    }
  }

  private Origin origin(ServedModel model, int m, Provenance provenance, long ageMs) {
    int stale = staleInputs.length == 0 ? 0 : staleInputs[m];
    return model.origins().of(provenance, ageMs, missingInputs[m], stale);
  }
}
