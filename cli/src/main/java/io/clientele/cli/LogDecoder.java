package io.clientele.cli;

import io.clientele.featurestore.engine.Decoded;
import io.clientele.featurestore.engine.EventDecoder;
import io.clientele.featurestore.engine.FeaturePlan;

/** Turns rows of event logs into what the engine folds. */
final class LogDecoder {
  private final EventDecoder decoder;

  LogDecoder(FeaturePlan plan) {
    this.decoder = plan.decoder();
  }

  /** What a row says, or the first thing that is wrong with it. */
  Decoded decode(LoggedEvent row) {
    LoggedCorrection correction = row.correction();
    if (correction == null) {
      return decodeEvent(row);
    }
    return switch (correction.kind()) {
      case CANCEL ->
          decoder.decodeCancellation(row.type(), row.eventId(), correction.correctedMs());
      case AMEND -> decoder.decodeAmendment(decodeEvent(row), correction.correctedMs());
    };
  }

  private Decoded decodeEvent(LoggedEvent row) {
    return decoder.decode(
        row.type(), row.eventId(), row.timeMs(), row.measures(), row.dimensions());
  }
}
