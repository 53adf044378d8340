package io.clientele.scorer.manifest;

import java.util.Locale;

/** What a model's outputs mean. */
public enum Task {
  /** Membership probabilities, one a segment. */
  SEGMENT,
  /** One output: the probability of no order within the horizon. */
  CHURN,
  /** One output: the expected spend within the horizon. */
  VALUE,
  /** Named outputs without a meaning of their own. */
  OTHER;

  /** As the manifest spells it. */
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
