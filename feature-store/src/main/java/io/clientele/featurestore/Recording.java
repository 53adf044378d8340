package io.clientele.featurestore;

import io.clientele.featurestore.engine.Change;
import io.clientele.featurestore.engine.Outcome;
import io.clientele.featurestore.engine.Refusal;
import io.clientele.featurestore.store.CustomerChanges;
import io.clientele.featurestore.store.CustomerStore;
import io.clientele.featurestore.store.Recorded;
import io.clientele.featurestore.v1.Reason;
import io.clientele.featurestore.v1.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One batch on its way: its changes go to the store customer by customer, and what became of them
 * comes back to their places. For one thread at a time.
 */
final class Recording {
  private final @Nullable Outcome[] outcomes;
  private final long[] versions;
  private final Map<String, OfCustomer> customers = new LinkedHashMap<>();

  /**
   * @param size how many things the batch has
   */
  Recording(int size) {
    outcomes = new Outcome[size];
    versions = new long[size];
  }

  /** Takes something that is not valid. */
  void refuse(int place, Refusal refusal) {
    outcomes[place] = Outcome.rejected(refusal);
  }

  /** Takes something that is to be folded. */
  void add(int place, String customerId, Change change) {
    customers.computeIfAbsent(customerId, OfCustomer::new).add(place, change);
  }

  /**
   * Folds all; ends with this recording, which has all outcomes then.
   *
   * @param abandoned whether nobody waits for the answer any more
   */
  CompletableFuture<Recording> run(CustomerStore store, BooleanSupplier abandoned) {
    List<OfCustomer> ordered = List.copyOf(customers.values());
    return store
        .record(ordered.stream().map(OfCustomer::changes).toList(), abandoned)
        .thenApply(
            recorded -> {
              for (int i = 0; i < ordered.size(); i++) {
                ordered.get(i).place(recorded.get(i));
              }
              return this;
            });
  }

  Outcome outcome(int place) {
    Outcome outcome = outcomes[place];
    if (outcome == null) {
      throw new IllegalStateException("a change without an outcome");
    }
    return outcome;
  }

  Verdict verdict(int place) {
    return verdict(outcome(place));
  }

  /** The customer's version after it; 0 where it was rejected. */
  long version(int place) {
    return verdict(place) == Verdict.REJECTED ? 0 : versions[place];
  }

  /** Why; null where there is nothing to explain. */
  @Nullable Reason reason(int place) {
    Refusal refusal = outcome(place).refusal();
    return refusal == null
        ? null
        : Reason.newBuilder()
            .setIndex(place)
            .setField(refusal.field())
            .setMessage(refusal.message())
            .build();
  }

  private static Verdict verdict(Outcome outcome) {
    return switch (outcome.verdict()) {
      case APPLIED -> Verdict.APPLIED;
      case DUPLICATE -> Verdict.DUPLICATE;
      case TOO_OLD -> Verdict.TOO_OLD;
      case REJECTED -> Verdict.REJECTED;
      case STALE -> Verdict.STALE;
      case FORGOTTEN -> Verdict.FORGOTTEN;
      case PENDING -> Verdict.PENDING;
      case SUPERSEDED -> Verdict.SUPERSEDED;
    };
  }

  /** One customer's changes, and their places. */
  private final class OfCustomer {
    private final String customerId;
    private final List<Change> changes = new ArrayList<>();
    private final List<Integer> places = new ArrayList<>();

    OfCustomer(String customerId) {
      this.customerId = customerId;
    }

    void add(int place, Change change) {
      places.add(place);
      changes.add(change);
    }

    CustomerChanges changes() {
      return new CustomerChanges(customerId, changes);
    }

    void place(Recorded recorded) {
      for (int i = 0; i < places.size(); i++) {
        outcomes[places.get(i)] = recorded.outcomes().get(i);
        versions[places.get(i)] = recorded.version();
      }
    }
  }
}
