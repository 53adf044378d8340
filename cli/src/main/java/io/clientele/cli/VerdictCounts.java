package io.clientele.cli;

import io.clientele.featurestore.v1.Reason;
import io.clientele.featurestore.v1.RecordEventsRequest;
import io.clientele.featurestore.v1.RecordEventsResponse;
import io.clientele.featurestore.v1.Verdict;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** How many events got which verdict, and the first few reasons. Not thread-safe. */
final class VerdictCounts {
  private static final int REASONS_KEPT = 5;

  private final Map<Verdict, Long> counts = new EnumMap<>(Verdict.class);
  private final List<String> reasons = new ArrayList<>();

  void add(RecordEventsRequest batch, RecordEventsResponse answer) {
    for (Verdict verdict : answer.getVerdictsList()) {
      counts.merge(verdict, 1L, Long::sum);
    }
    for (Reason reason : answer.getReasonsList()) {
      if (reasons.size() < REASONS_KEPT) {
        var event = batch.getEvents(reason.getIndex());
        reasons.add(
            "event %s of customer %s: %s: %s"
                .formatted(
                    event.getEventId(),
                    event.getCustomerId(),
                    reason.getField(),
                    reason.getMessage()));
      }
    }
  }

  long of(Verdict verdict) {
    return counts.getOrDefault(verdict, 0L);
  }

  long total() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The first reasons for which events were refused. */
  List<String> reasons() {
    return reasons;
  }

  @Override
  public String toString() {
    return "%,d applied, %,d known already, %,d too old, %,d rejected"
            .formatted(
                of(Verdict.APPLIED),
                of(Verdict.DUPLICATE),
                of(Verdict.TOO_OLD),
                of(Verdict.REJECTED))
        + ifAny(Verdict.PENDING, "corrections of events not known")
        + ifAny(Verdict.SUPERSEDED, "corrected before")
        + ifAny(Verdict.STALE, "corrections overruled by later ones")
        + ifAny(Verdict.FORGOTTEN, "of customers forgotten since");
  }

  private String ifAny(Verdict verdict, String words) {
    return of(verdict) == 0 ? "" : ", %,d %s".formatted(of(verdict), words);
  }
}
