package io.clientele.cli;

import java.util.stream.DoubleStream;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.statistics.distribution.ContinuousDistribution.Sampler;
import org.apache.commons.statistics.distribution.ExponentialDistribution;
import org.apache.commons.statistics.distribution.GammaDistribution;

/**
 * When customers buy again: the Pareto/NBD model of Schmittlein, Morrison and Colombo (1987). While
 * a customer lives, purchases are a Poisson process; rates are gamma distributed over customers.
 * Lifetimes are exponential; rates of leaving are gamma distributed over customers. Time is in
 * weeks since the first purchase.
 *
 * @param r shape of the purchase rates
 * @param alpha rate of the purchase rates, weeks
 * @param s shape of the rates of leaving
 * @param beta rate of the rates of leaving, weeks
 */
record ParetoNbd(double r, double alpha, double s, double beta) {
  /**
   * Fitted to the one in ten sample of CDNOW, 39 weeks: Fader, Hardie and Lee (2005), "Counting
   * Your Customers the Easy Way", table 2.
   */
  static final ParetoNbd CDNOW = new ParetoNbd(0.553, 10.578, 0.606, 11.669);

  /** Customers drawn with a source of random numbers, one after the other. Not thread-safe. */
  Customers customers(UniformRandomProvider random) {
    return new Customers(
        GammaDistribution.of(r, 1 / alpha).createSampler(random),
        GammaDistribution.of(s, 1 / beta).createSampler(random),
        ExponentialDistribution.of(1).createSampler(random));
  }

  static final class Customers {
    private final Sampler purchaseRates;
    private final Sampler leavingRates;
    private final Sampler unitExponential;

    private Customers(Sampler purchaseRates, Sampler leavingRates, Sampler unitExponential) {
      this.purchaseRates = purchaseRates;
      this.leavingRates = leavingRates;
      this.unitExponential = unitExponential;
    }

    /**
     * The repeat purchases of the next customer.
     *
     * @param weeks how long the customer is observed
     * @return when they are, in weeks since the first purchase, ascending
     */
    double[] next(double weeks) {
      double purchaseRate = purchaseRates.sample();
      double lifetime = unitExponential.sample() / leavingRates.sample();
      double end = Math.min(lifetime, weeks);
      return DoubleStream.iterate(
              unitExponential.sample() / purchaseRate,
              time -> time < end,
              time -> time + unitExponential.sample() / purchaseRate)
          .toArray();
    }
  }
}
