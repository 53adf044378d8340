package io.clientele.featurestore.engine;

/** A customer's state as bytes. The parts belong together. */
public final class PackedState {
  private final byte[] summary;
  private final byte[] ledger;
  private final byte[] tail;

  /** Takes the arrays as they are. */
  public PackedState(byte[] summary, byte[] ledger, byte[] tail) {
    this.summary = summary;
    this.ledger = ledger;
    this.tail = tail;
  }

  /** All that reading features needs. Not copied. */
  public byte[] summary() {
    return summary;
  }

  /** What only folding further events needs: ids, and events of the retention. Not copied. */
  public byte[] ledger() {
    return ledger;
  }

  /** What has come since the ledger was written; empty where there is nothing. Not copied. */
  public byte[] tail() {
    return tail;
  }
}
