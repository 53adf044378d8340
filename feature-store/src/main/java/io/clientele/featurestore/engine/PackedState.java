package io.clientele.featurestore.engine;

/** A customer's state as bytes. The two parts belong together and are written together. */
public final class PackedState {
  private final byte[] summary;
  private final byte[] ledger;

  PackedState(byte[] summary, byte[] ledger) {
    this.summary = summary;
    this.ledger = ledger;
  }

  /** All that reading features needs. Not copied. */
  public byte[] summary() {
    return summary;
  }

  /** What only folding further events needs: ids, and events of the retention. Not copied. */
  public byte[] ledger() {
    return ledger;
  }
}
