package io.clientele.cli;

import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.statistics.distribution.ContinuousDistribution.Sampler;
import org.apache.commons.statistics.distribution.GammaDistribution;

/**
 * What customers spend: the gamma-gamma model of Colombo and Jiang (1999). A customer's orders are
 * gamma distributed around the customer's own mean, which does not change and does not depend on
 * how often the customer buys; the rates of those distributions are gamma distributed over
 * customers.
 *
 * @param p shape of a customer's orders
 * @param q shape of the rates over customers
 * @param gamma rate of the rates over customers, in units of money
 */
record GammaGamma(double p, double q, double gamma) {
  /**
   * Fitted to the repeat orders of the one in ten sample of CDNOW, 39 weeks, in dollars: Fader,
   * Hardie and Lee (2005), "RFM and CLV", p. 424.
   */
  static final GammaGamma CDNOW = new GammaGamma(6.25, 3.74, 15.44);

  /** Customers drawn with a source of random numbers, one after the other. Not thread-safe. */
  Customers customers(UniformRandomProvider random) {
    return new Customers(
        GammaDistribution.of(q, 1 / gamma).createSampler(random),
        GammaDistribution.of(p, 1).createSampler(random));
  }

  static final class Customers {
    private final Sampler rates;
    private final Sampler unitOrders;
    private double rate = Double.NaN;

    private Customers(Sampler rates, Sampler unitOrders) {
      this.rates = rates;
      this.unitOrders = unitOrders;
    }

    /** Goes to the next customer. */
    void next() {
      rate = rates.sample();
    }

    /** What the customer's next order comes to. */
    double order() {
      return unitOrders.sample() / rate;
    }
  }
}
