package io.clientele.featurestore.statistics;

import org.apache.datasketches.kll.KllFloatsSketch;
import org.apache.datasketches.quantilescommon.QuantileSearchCriteria;

/**
 * What is counted of one feature's values, and how those that were not missing are distributed: a
 * KLL sketch, whose quantiles are within {@link #RANK_ERROR} of their rank with 99 % confidence.
 * Not thread-safe.
 */
public final class FeatureDistribution {
  /** The sketch's accuracy: some 2.5 KB a feature. */
  private static final int K = 200;

  /** How far a quantile's true rank may be from the rank asked for. */
  public static final double RANK_ERROR = KllFloatsSketch.getNormalizedRankError(K, false);

  private final String name;
  private final KllFloatsSketch values = KllFloatsSketch.newHeapInstance(K);
  private long count;
  private long missing;
  private long stale;

  FeatureDistribution(String name) {
    this.name = name;
  }

  void addMissing() {
    count++;
    missing++;
  }

  void add(float value, boolean isStale) {
    count++;
    stale += isStale ? 1 : 0;
    values.update(value);
  }

  public String name() {
    return name;
  }

  /** How many values, with those that were missing. */
  public long count() {
    return count;
  }

  public long missing() {
    return missing;
  }

  public long stale() {
    return stale;
  }

  /** Whether all were missing, so that there is no least, no greatest and no quantile. */
  public boolean isEmpty() {
    return values.isEmpty();
  }

  public float min() {
    return values.getMinItem();
  }

  public float max() {
    return values.getMaxItem();
  }

  /**
   * The values at these ranks, from 0 to 1: each the least value that at least this share is not
   * greater than.
   */
  public float[] quantiles(double[] ranks) {
    return values.getQuantiles(ranks, QuantileSearchCriteria.INCLUSIVE);
  }

  /** The sketch in the compact form of Apache DataSketches. */
  public byte[] sketch() {
    return values.toByteArray();
  }
}
