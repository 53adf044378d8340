package io.clientele.cli;

/**
 * What makes a row of an event log a correction.
 *
 * @param correctedMs when it was made, milliseconds since the epoch
 */
public record LoggedCorrection(Kind kind, long correctedMs) {
  public enum Kind {
    /** The event of that id and type did not happen. */
    CANCEL,
    /** The event of that id and type was as the row says. */
    AMEND
  }
}
