"""Churn: the calibrated probability of no order within the horizon."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import onnx

from clientele_training.design import Design, Matrix, defaults_of, fill
from clientele_training.errors import TrainingError
from clientele_training.graph import Graph
from clientele_training.linear import Linear, fit_logistic
from clientele_training.snapshots import Snapshots
from clientele_training.terms import design_of

TERMS = (
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
PENALTY = 0.005
NO_PENALTY = 1e-9


@dataclass(frozen=True)
class ChurnModel:
    """A logistic regression over the design's terms, recalibrated on the newest cut-off.

    Attributes:
        design: raw inputs to terms.
        defaults: what stands in for a missing input; shape [inputs].
        log_odds: log-odds of no order within the horizon.
        slope: the calibration's factor on the log-odds.
        shift: what the calibration adds to them.
        prior: share of the newest training cut-off's customers without an order within the horizon.
    """

    task: ClassVar[str] = "churn"
    outputs: ClassVar[tuple[str, ...]] = ("churn_probability",)

    design: Design
    defaults: Matrix
    log_odds: Linear
    slope: float
    shift: float
    prior: float

    @classmethod
    def fit(cls, train: Snapshots) -> "ChurnModel":
        """Fits on all rows, then slope and shift on those of the newest cut-off, which are most like the future.

        Raises:
            TrainingError: the rows hold no label, or one class only.
        """
        design = design_of(TERMS)
        newest = train.newest()
        for part, name in ((train, "all rows"), (newest, f"the rows of {newest.cutoffs[0]:%Y-%m-%d}")):
            if np.unique(part.churned).size < 2:
                raise TrainingError(
                    f"{train.where}: label_churned is {part.churned[0]:.0f} in {name} "
                    "(expected: both customers who ordered within the horizon and customers who did not)"
                )
        raw = train.matrix(design.names)
        defaults = defaults_of(design.inputs, raw)
        log_odds = fit_logistic(design(fill(raw, defaults)), train.churned, PENALTY)
        score = log_odds(design(fill(newest.matrix(design.names), defaults)))
        calibration = fit_logistic(score[:, None], newest.churned, NO_PENALTY)
        slope = float(calibration.weights[0] / calibration.scale[0])
        shift = float(calibration.intercept - slope * calibration.mean[0])
        return cls(design, defaults, log_odds, slope, shift, float(newest.churned.mean()))

    def predict(self, raw: Matrix) -> Matrix:
        """Probability of no order within the horizon, [rows, 1], of raw inputs [rows, inputs]; NaN is missing."""
        log_odds = self.log_odds(self.design(fill(raw, self.defaults)))
        return (1.0 / (1.0 + np.exp(-(self.slope * log_odds + self.shift))))[:, None]

    def to_onnx(self) -> onnx.ModelProto:
        """The same as a graph whose input holds no NaN."""
        graph = Graph(self.design)
        weights, constant = self.log_odds.folded()
        score = graph.affine(graph.terms, self.slope * weights, self.slope * constant + self.shift)
        return graph.model(graph.add("Sigmoid", score), 1)
