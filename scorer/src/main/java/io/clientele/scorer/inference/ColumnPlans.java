package io.clientele.scorer.inference;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The plans of the column lists seen last, found by comparing the full list of names. Callers send
 * very few different lists, so a search through a small array beats a hash of all the names.
 * Thread-safe: the array is replaced as a whole.
 */
final class ColumnPlans {
  private static final int MAX_PLANS = 32;

  private final List<OnnxModel> models;
  private volatile ColumnPlan[] plans = {};

  ColumnPlans(List<OnnxModel> models) {
    this.models = models;
  }

  /** The one plan of these columns, made if need be. */
  ColumnPlan plan(List<String> columns) {
    ColumnPlan known = find(columns);
    return known != null ? known : add(columns);
  }

  private @Nullable ColumnPlan find(List<String> columns) {
    for (ColumnPlan plan : plans) {
      if (plan.isFor(columns)) {
        return plan;
      }
    }
    return null;
  }

  private synchronized ColumnPlan add(List<String> columns) {
    ColumnPlan raced = find(columns);
    if (raced != null) {
      return raced;
    }
    ColumnPlan plan = ColumnPlan.of(models, columns);
    ColumnPlan[] before = plans;
    ColumnPlan[] after = new ColumnPlan[Math.min(before.length + 1, MAX_PLANS)];
    after[0] = plan;
    System.arraycopy(before, 0, after, 1, after.length - 1);
    plans = after;
    return plan;
  }
}
