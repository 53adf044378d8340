package io.clientele.gateway;

import com.google.protobuf.ByteString;
import io.clientele.gateway.v1.Origin;
import io.clientele.gateway.v1.Provenance;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * How the scores of one version of a model came to be. Most computed ones differ by nothing but how
 * many inputs were missing, so those are made once. Thread-safe.
 */
final class Origins {
  private static final int MOST_MISSING = 256;

  private final ByteString model;
  private final ByteString version;
  private final AtomicReferenceArray<Origin> computed = new AtomicReferenceArray<>(MOST_MISSING);

  Origins(String model, String version) {
    this.model = ByteString.copyFromUtf8(model);
    this.version = ByteString.copyFromUtf8(version);
  }

  /**
   * @param missingInputs that had the manifest's default
   * @param staleInputs older than their limit
   */
  Origin of(Provenance provenance, long ageMs, int missingInputs, int staleInputs) {
    boolean common =
        provenance == Provenance.COMPUTED
            && ageMs == 0
            && staleInputs == 0
            && missingInputs < MOST_MISSING;
    if (!common) {
      return make(provenance, ageMs, missingInputs, staleInputs);
    }
    Origin known = computed.get(missingInputs);
    if (known == null) {
      known = make(provenance, ageMs, missingInputs, staleInputs);
      computed.set(missingInputs, known);
    }
    return known;
  }

  private Origin make(Provenance provenance, long ageMs, int missingInputs, int staleInputs) {
    return Origin.newBuilder()
        .setModelBytes(model)
        .setModelVersionBytes(version)
        .setProvenance(provenance)
        .setAgeMs(ageMs)
        .setMissingInputs(missingInputs)
        .setStaleInputs(staleInputs)
        .build();
  }
}
