package io.clientele.gateway;

import com.google.protobuf.ByteString;
import io.clientele.scorer.v1.Band;
import java.util.List;

/** A manifest's bands or tiers: names of ranges that lie one above the other. Immutable. */
final class Ranges {
  private final ByteString[] names;

  /** Exclusive; infinite for a range that goes on for ever. */
  private final float[] uppers;

  Ranges(List<Band> ascending) {
    names = ascending.stream().map(Band::getNameBytes).toArray(ByteString[]::new);
    uppers = new float[names.length];
    for (int i = 0; i < uppers.length; i++) {
      Band band = ascending.get(i);
      uppers[i] = band.hasUpper() ? band.getUpper() : Float.POSITIVE_INFINITY;
    }
  }

  /** The name of the range that holds a value, in UTF-8; empty where there are no ranges. */
  ByteString nameOf(float value) {
    for (int i = 0; i < uppers.length; i++) {
      if (value < uppers[i]) {
        return names[i];
      }
    }
    return names.length == 0 ? ByteString.EMPTY : names[names.length - 1];
  }
}
