"""Value: the money expected from a customer within the horizon."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import onnx
from sklearn.linear_model import TweedieRegressor
from threadpoolctl import threadpool_limits

from clientele_training.design import Design, Matrix, defaults_of, fill
from clientele_training.errors import TrainingError
from clientele_training.graph import Graph
from clientele_training.linear import Linear, fit_logistic, fit_ridge, standardisation
from clientele_training.snapshots import Snapshots
from clientele_training.terms import design_of

PURCHASE_TERMS = (
    "rate",
    "rate_squared",
    "days",
    "days_squared",
    "days_by_recency_share",
    "days_by_lateness",
    "repeated",
    "recency_to_longest_gap",
    "gap_variation",
    "mean_value",
    "basket",
    "last_to_mean_value",
    "share_90d",
    "share_180d",
)
# Ratios only: a total such as `days` grows with a customer's age alone, and the level of expected spend with it.
SPEND_TERMS = ("mean_value", "rate", "rate_squared", "last_to_mean_value")
PURCHASE_PENALTY, SPEND_PENALTY = 0.005, 0.005

# Spend given a purchase is only partly a trait of the customer: a power below 1 draws it to the mean. Chosen on windows
# before 1998 (`clientele-train cdnow-choice`): the lowest that costs at most .001 of the normalised Gini.
SPEND_POWER = 0.5
LEAST_SLOPE = 0.05


@dataclass(frozen=True)
class ValueModel:
    """`exp(level) * (P(purchase) * spend_if_purchase ** spend_power) ** slope`.

    Attributes:
        design: raw inputs to terms.
        defaults: what stands in for a missing input; shape [inputs].
        purchase: log-odds of a purchase within the horizon.
        spend: mean log of the spend of those who purchase.
        spend_power: how far that spend counts.
        slope: the calibration's power, above 0: it keeps the customers' order.
        level: log of the factor that makes expected and actual spend of the newest training cut-off add up.
        prior: mean spend of the newest training cut-off's customers within the horizon.
    """

    task: ClassVar[str] = "value"
    outputs: ClassVar[tuple[str, ...]] = ("expected_spend",)

    design: Design
    defaults: Matrix
    purchase: Linear
    spend: Linear
    spend_power: float
    slope: float
    level: float
    prior: float

    @classmethod
    def fit(
        cls, train: Snapshots, spend_power: float = SPEND_POWER, spend_terms: Sequence[str] = SPEND_TERMS
    ) -> "ValueModel":
        """Fits on all rows, then slope and level on those of the newest cut-off, which are most like the future.

        Raises:
            TrainingError: the rows hold no label, or too few customers spent anything.
        """
        design = design_of([*PURCHASE_TERMS, *(t for t in spend_terms if t not in PURCHASE_TERMS)])
        bought, newest = train.spend > 0, train.newest()
        if bought.sum() < 10 or bought.all() or not (newest.spend > 0).any():
            raise TrainingError(
                f"{train.where}: {int(bought.sum())} of {bought.size} rows have label_spend > 0, "
                f"{int((newest.spend > 0).sum())} at the newest cut-off "
                "(expected: some customers who spent and some who did not, at the newest cut-off too)"
            )
        raw = train.matrix(design.names)
        defaults = defaults_of(design.inputs, raw)
        terms = design(fill(raw, defaults))
        used_by_purchase, used_by_spend = _used(design, PURCHASE_TERMS), _used(design, spend_terms)
        purchase = fit_logistic(terms[:, used_by_purchase], bought.astype(float), PURCHASE_PENALTY)
        spend = fit_ridge(terms[np.ix_(bought, used_by_spend)], np.log(train.spend[bought]), SPEND_PENALTY)
        model = cls(
            design,
            defaults,
            _widened(purchase, used_by_purchase, terms.shape[1]),
            _widened(spend, used_by_spend, terms.shape[1]),
            spend_power,
            slope=1.0,
            level=0.0,
            prior=float(newest.spend.mean()),
        )
        slope = _slope(model.log_score(newest.matrix(design.names)), newest.spend)
        expected = replace(model, slope=slope).predict(newest.matrix(design.names))
        return replace(model, slope=slope, level=float(np.log(newest.spend.sum() / expected.sum())))

    def log_score(self, raw: Matrix) -> Matrix:
        """`log(P(purchase) * spend_if_purchase ** spend_power)`, [rows], of raw inputs [rows, inputs]."""
        terms = self.design(fill(raw, self.defaults))
        return self.spend_power * self.spend(terms) - np.logaddexp(0.0, -self.purchase(terms))

    def predict(self, raw: Matrix) -> Matrix:
        """Expected spend within the horizon, [rows, 1], of raw inputs [rows, inputs]; NaN is missing."""
        return np.exp(self.level + self.slope * self.log_score(raw))[:, None]

    def to_onnx(self) -> onnx.ModelProto:
        """The same as a graph whose input holds no NaN."""
        graph = Graph(self.design)
        weights, constant = self.purchase.folded()
        unlikely = graph.add("Softplus", graph.affine(graph.terms, -weights, -constant))  # -log P(purchase)
        scaled = graph.add("Mul", unlikely, graph.constant("slope", np.array([self.slope])))
        weights, constant = self.spend.folded()
        power = self.slope * self.spend_power
        spend = graph.affine(graph.terms, power * weights, power * constant + self.level)
        return graph.model(graph.add("Exp", graph.add("Sub", spend, scaled)), 1)


def _used(design: Design, names: Sequence[str]) -> list[int]:
    return [column for column, term in enumerate(design.terms) if term.name in names]


def _widened(linear: Linear, used: list[int], terms: int) -> Linear:
    """The same score read from all terms: those it does not use have weight 0."""
    mean, scale, weights = np.zeros(terms), np.ones(terms), np.zeros(terms)
    mean[used], scale[used], weights[used] = linear.mean, linear.scale, linear.weights
    return Linear(mean, scale, weights, linear.intercept)


def _slope(log_score: Matrix, spend: Matrix) -> float:
    """Slope of the Tweedie regression of spend on the log score, of power 1.5: few buy, and their spends differ."""
    mean, scale = standardisation(log_score[:, None])
    with threadpool_limits(1):
        fit = TweedieRegressor(power=1.5, alpha=0.0, link="log", solver="newton-cholesky", tol=1e-8, max_iter=500)
        fit.fit((log_score[:, None] - mean) / scale, spend)
    return max(float(fit.coef_[0] / scale[0]), LEAST_SLOPE)
