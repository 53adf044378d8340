package io.clientele.featurestore.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Folds the logs of customers, one after another, as if each event had arrived at its own time, and
 * reads features at given moments on the way. Not thread-safe.
 */
public final class CustomerReplay {
  /** Takes rows, as {@link FeatureReader} describes them. */
  public interface Sink {
    /**
     * Takes a row.
     *
     * @param asOf the place of the moment in the list of moments
     * @param values from position 0, reused for the next row
     * @param presence from position 0, reused for the next row
     */
    void row(String customerId, int asOf, ByteBuffer values, ByteBuffer presence);
  }

  private final FeaturePlan plan;
  private final long[] asOfMs;
  private final Sink sink;
  private final FeatureReader reader;
  private final ByteBuffer values;
  private final ByteBuffer presence;
  private CustomerState state;
  private String customerId = "";
  private long lastMs = Long.MIN_VALUE;
  private boolean known;
  private int nextAsOf;

  /**
   * A replay of no customer yet.
   *
   * @param asOfMs ascending
   * @param sink gets a row for each moment at which a customer has at least one event, features in
   *     catalog order
   */
  public CustomerReplay(FeaturePlan plan, long[] asOfMs, Sink sink) {
    for (int i = 1; i < asOfMs.length; i++) {
      if (asOfMs[i - 1] >= asOfMs[i]) {
        throw new IllegalArgumentException("asOfMs: not ascending at " + i);
      }
    }
    this.plan = plan;
    this.asOfMs = Arrays.copyOf(asOfMs, asOfMs.length);
    this.sink = sink;
    this.reader = plan.all().newReader();
    this.values = ByteBuffer.allocate(plan.all().rowBytes()).order(ByteOrder.LITTLE_ENDIAN);
    this.presence = ByteBuffer.allocate(plan.all().presenceBytes());
    this.state = CustomerState.empty(plan);
  }

  /** Begins a customer; the one before must have been ended. */
  public void begin(String customer) {
    customerId = customer;
    state = CustomerState.empty(plan);
    lastMs = Long.MIN_VALUE;
    known = false;
    nextAsOf = 0;
  }

  /**
   * Folds an event of the customer, after reading at every moment before it.
   *
   * @param event not before the one before
   */
  public Outcome add(Event event) {
    if (event.timeMs() < lastMs) {
      throw new IllegalArgumentException(
          "event_time: "
              + event.timeMs()
              + " (expected: >= "
              + lastMs
              + ", that of the one before)");
    }
    lastMs = event.timeMs();
    while (nextAsOf < asOfMs.length && asOfMs[nextAsOf] < event.timeMs()) {
      read();
    }
    Outcome outcome = state.fold(event, event.timeMs());
    known |= outcome.verdict() == Verdict.APPLIED;
    return outcome;
  }

  /** Ends the customer, after reading at every moment left. */
  public void end() {
    while (nextAsOf < asOfMs.length) {
      read();
    }
  }

  private void read() {
    if (known) {
      reader.read(state, asOfMs[nextAsOf], values, 0, presence, 0);
      sink.row(customerId, nextAsOf, values, presence);
    }
    nextAsOf++;
  }
}
