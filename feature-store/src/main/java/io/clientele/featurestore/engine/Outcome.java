package io.clientele.featurestore.engine;

import org.jspecify.annotations.Nullable;

/**
 * A verdict and, where a change was refused, the reason.
 *
 * @param refusal null where there is nothing to explain
 */
public record Outcome(Verdict verdict, @Nullable Refusal refusal) {
  static final Outcome APPLIED = new Outcome(Verdict.APPLIED, null);
  static final Outcome DUPLICATE = new Outcome(Verdict.DUPLICATE, null);
  static final Outcome PENDING = new Outcome(Verdict.PENDING, null);
  static final Outcome SUPERSEDED = new Outcome(Verdict.SUPERSEDED, null);

  /** The verdict on what could not be decoded. */
  public static Outcome rejected(Refusal refusal) {
    return new Outcome(Verdict.REJECTED, refusal);
  }

  /** The verdict on what happened before its customer was forgotten. */
  public static Outcome forgotten(Refusal refusal) {
    return new Outcome(Verdict.FORGOTTEN, refusal);
  }

  static Outcome stale(Refusal refusal) {
    return new Outcome(Verdict.STALE, refusal);
  }

  static Outcome tooOld(Refusal refusal) {
    return new Outcome(Verdict.TOO_OLD, refusal);
  }
}
