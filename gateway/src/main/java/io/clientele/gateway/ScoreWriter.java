package io.clientele.gateway;

import com.google.protobuf.ByteString;
import io.clientele.gateway.v1.ChurnScore;
import io.clientele.gateway.v1.NamedOutput;
import io.clientele.gateway.v1.Origin;
import io.clientele.gateway.v1.OtherScore;
import io.clientele.gateway.v1.Scores;
import io.clientele.gateway.v1.SegmentMembership;
import io.clientele.gateway.v1.SegmentScore;
import io.clientele.gateway.v1.ValueScore;
import io.clientele.scorer.v1.Model;
import io.clientele.scorer.v1.Segment;
import io.clientele.scorer.v1.Task;

/**
 * Writes the scores of one version of a model into answers. The words that all of them have in
 * common are kept as the UTF-8 that leaves, so that they are copied and not encoded anew.
 * Thread-safe.
 */
final class ScoreWriter {
  private final Task task;
  private final int width;
  private final int horizonDays;
  private final ByteString currency;
  private final ByteString[] outputs;
  private final int[] segmentIds;
  private final ByteString[] segments;
  private final Ranges bands;
  private final Ranges tiers;

  /**
   * @param task where the score stands in an answer
   */
  ScoreWriter(Model manifest, Task task) {
    this.task = task;
    width = manifest.getOutputsCount();
    horizonDays = manifest.getHorizonDays();
    currency = manifest.getCurrencyBytes();
    outputs =
        manifest.getOutputsList().stream().map(ByteString::copyFromUtf8).toArray(ByteString[]::new);
    segmentIds = manifest.getSegmentsList().stream().mapToInt(Segment::getId).toArray();
    segments =
        manifest.getSegmentsList().stream().map(Segment::getNameBytes).toArray(ByteString[]::new);
    bands = new Ranges(manifest.getBandsList());
    tiers = new Ranges(manifest.getTiersList());
  }

  /**
   * Adds the model's score to an answer.
   *
   * @param values holds the model's outputs from {@code offset} on
   */
  void write(float[] values, int offset, Origin origin, Scores.Builder scores) {
    switch (task) {
      case SEGMENT -> scores.setSegment(segment(values, offset, origin));
      case CHURN ->
          scores.setChurn(
              ChurnScore.newBuilder()
                  .setProbability(values[offset])
                  .setBandBytes(bands.nameOf(values[offset]))
                  .setHorizonDays(horizonDays)
                  .setOrigin(origin));
      case VALUE ->
          scores.setValue(
              ValueScore.newBuilder()
                  .setExpectedSpend(values[offset])
                  .setCurrencyBytes(currency)
                  .setTierBytes(tiers.nameOf(values[offset]))
                  .setHorizonDays(horizonDays)
                  .setOrigin(origin));
      case OTHER, TASK_UNSPECIFIED, UNRECOGNIZED -> scores.addOthers(other(values, offset, origin));
    }
  }

  private SegmentScore segment(float[] values, int offset, Origin origin) {
    SegmentScore.Builder score = SegmentScore.newBuilder().setOrigin(origin);
    SegmentMembership.Builder membership = SegmentMembership.newBuilder();
    int best = 0;
    for (int i = 0; i < width; i++) {
      if (values[offset + i] > values[offset + best]) {
        best = i;
      }
      score.addMemberships(
          membership.setNameBytes(segments[i]).setProbability(values[offset + i]).build());
    }
    return score.setId(segmentIds[best]).setNameBytes(segments[best]).build();
  }

  private OtherScore other(float[] values, int offset, Origin origin) {
    OtherScore.Builder score = OtherScore.newBuilder().setOrigin(origin);
    NamedOutput.Builder output = NamedOutput.newBuilder();
    for (int i = 0; i < width; i++) {
      score.addOutputs(output.setNameBytes(outputs[i]).setValue(values[offset + i]).build());
    }
    return score.build();
  }
}
