"""The baseline: BG/NBD for when, gamma-gamma for how much.

P. Fader, B. Hardie, K. L. Lee, "Counting Your Customers the Easy Way" (2005); P. Fader, B. Hardie, "The Gamma-Gamma
Model of Monetary Value" (2013). Times are in weeks, orders of one day are one transaction.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

from clientele_training.design import Matrix


@dataclass(frozen=True)
class Histories:
    """Customers' transactions up to a day, summed up.

    Attributes:
        customers: their ids; length [customers].
        repeats: days with an order after the first; shape [customers].
        last: weeks from the first to the last; shape [customers].
        age: weeks from the first to the end of the calibration period; shape [customers].
        mean_value: mean amount of all days with an order; shape [customers].
        repeat_mean_value: mean amount of the days after the first, 0 if there is none; shape [customers].
    """

    customers: list[str]
    repeats: Matrix
    last: Matrix
    age: Matrix
    mean_value: Matrix
    repeat_mean_value: Matrix

    @classmethod
    def of(cls, order_days: pl.DataFrame, until: date) -> "Histories":
        """Sums up rows of `read_order_days` up to and with a day; customers in the order of their ids."""
        day = pl.col("day")
        rows = (
            order_days.filter(day <= until)
            .sort("customer_id", "day")
            .group_by("customer_id", maintain_order=True)
            .agg(
                repeats=pl.len() - 1,
                last=(day.max() - day.min()).dt.total_days() / 7,
                age=(pl.lit(until) - day.min()).dt.total_days() / 7,
                mean_value=pl.col("amount").mean(),
                repeat_mean_value=pl.col("amount").slice(1).mean().fill_null(0.0),
            )
        )
        customers, *numbers = rows.cast({"repeats": pl.Float64}).get_columns()
        return cls(customers.to_list(), *(column.to_numpy() for column in numbers))


@dataclass(frozen=True)
class BgNbd:
    """Purchases at a gamma(r, alpha) rate until a dropout after a purchase, with a beta(a, b) probability."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float

    @classmethod
    def fit(cls, histories: Histories) -> "BgNbd":
        """Maximum likelihood over the customers."""

        def loss(logs: Matrix) -> float:
            return -float(_log_likelihood(np.exp(logs), histories.repeats, histories.last, histories.age).mean())

        start = np.log([0.3, 4.0, 0.8, 2.5])
        fit = minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-11, "maxiter": 4000})
        return cls(*map(float, np.exp(fit.x)), log_likelihood=-float(fit.fun) * len(histories.customers))

    def none_within(self, histories: Histories, weeks: float) -> Matrix:
        """P(no purchase in the next weeks); shape [customers].

        A customer drops out only at a purchase, so this is the likelihood of the same history with its end moved out by
        that time, relative to that of the history.
        """
        parameters = np.array([self.r, self.alpha, self.a, self.b])
        x, last, age = histories.repeats, histories.last, histories.age
        later = _log_likelihood(parameters, x, last, age + weeks)
        return np.exp(later - _log_likelihood(parameters, x, last, age))

    def expected_within(self, histories: Histories, weeks: float) -> Matrix:
        """Expected number of purchases in the next weeks; shape [customers]."""
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        x, last, age = histories.repeats, histories.last, histories.age
        series = hyp2f1(r + x, b + x, a + b + x - 1, weeks / (alpha + age + weeks))
        grown = 1 - ((alpha + age) / (alpha + age + weeks)) ** (r + x) * series
        odds_dead = np.where(x > 0, a / (b + np.maximum(x, 1) - 1), 0.0) * ((alpha + age) / (alpha + last)) ** (r + x)
        return (a + b + x - 1) / (a - 1) * grown / (1 + odds_dead)


@dataclass(frozen=True)
class GammaGamma:
    """Amounts are gamma(p, nu) with nu itself gamma(q, gamma)."""

    p: float
    q: float
    gamma: float

    @classmethod
    def fit(cls, purchases: Matrix, mean_value: Matrix) -> "GammaGamma":
        """Maximum likelihood over the customers with a purchase and a positive mean amount.

        Args:
            purchases: how many amounts were seen; shape [customers].
            mean_value: their mean; shape [customers].
        """
        some = (purchases > 0) & (mean_value > 0)
        x, m = purchases[some], mean_value[some]

        def loss(logs: Matrix) -> float:
            p, q, gamma = np.exp(logs)
            likelihood = (
                gammaln(p * x + q)
                - gammaln(p * x)
                - gammaln(q)
                + q * np.log(gamma)
                + (p * x - 1) * np.log(m)
                + p * x * np.log(x)
                - (p * x + q) * np.log(gamma + m * x)
            )
            return -float(likelihood.mean())

        start = np.log([5.0, 4.0, 15.0])
        fit = minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-11, "maxiter": 4000})
        return cls(*map(float, np.exp(fit.x)))

    def expected_amount(self, purchases: Matrix, mean_value: Matrix) -> Matrix:
        """Expected amount of a customer's next purchase, [customers], after that many of that mean amount."""
        return self.p * (self.gamma + purchases * mean_value) / (self.p * purchases + self.q - 1)


def _log_likelihood(parameters: Matrix, x: Matrix, last: Matrix, age: Matrix) -> Matrix:
    r, alpha, a, b = parameters
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    alive = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + age)
    dead = betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + last)
    return common + np.logaddexp(alive, np.where(x > 0, dead, -np.inf))
