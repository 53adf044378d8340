package io.clientele.featurestore.engine;

import org.jspecify.annotations.Nullable;

/**
 * A verdict and, for {@link Verdict#TOO_OLD} and {@link Verdict#REJECTED}, the reason.
 *
 * @param refusal null for the other two
 */
public record Outcome(Verdict verdict, @Nullable Refusal refusal) {
  static final Outcome APPLIED = new Outcome(Verdict.APPLIED, null);
  static final Outcome DUPLICATE = new Outcome(Verdict.DUPLICATE, null);

  /** The verdict on an event that could not be decoded. */
  public static Outcome rejected(Refusal refusal) {
    return new Outcome(Verdict.REJECTED, refusal);
  }

  static Outcome tooOld(Refusal refusal) {
    return new Outcome(Verdict.TOO_OLD, refusal);
  }
}
