"""Measures models on a later time than they were trained on, beside the BG/NBD and gamma-gamma baseline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
from sklearn.metrics import adjusted_rand_score

from clientele_training.baseline import BgNbd, GammaGamma, Histories
from clientele_training.churn import ChurnModel
from clientele_training.design import Matrix, fill
from clientele_training.errors import TrainingError
from clientele_training.events import read_order_days
from clientele_training.manifest import Model
from clientele_training.metrics import churn_metrics, value_metrics
from clientele_training.segments import SegmentModel, silhouette, stability
from clientele_training.serving import run_onnx
from clientele_training.snapshots import Snapshots
from clientele_training.value import ValueModel

Measures = dict[str, float]


@dataclass(frozen=True)
class Evaluation:
    """Measures of one split; those of the baseline are empty if there is no event log to fit it on."""

    churn: Measures
    value: Measures
    segments: Measures
    baseline_churn: Measures
    baseline_value: Measures

    def table(self) -> str:
        """The measures as a Markdown table."""
        lines = ["| | models as exported | BG/NBD + gamma-gamma |", "|---|---|---|"]
        for group, models, baseline in (
            ("churn", self.churn, self.baseline_churn),
            ("value", self.value, self.baseline_value),
            ("segments", self.segments, {}),
        ):
            for name, measured in models.items():
                beside = f"{baseline[name]:.4g}" if name in baseline else "-"
                lines.append(f"| {group}: {name.replace('_', ' ')} | {measured:.4g} | {beside} |")
        return "\n".join(lines)


def evaluate(snapshots: Snapshots, holdout: Snapshots, events: Path | None = None) -> Evaluation:
    """Trains on the rows whose label windows end by the holdout's cut-off and measures on the holdout.

    Args:
        snapshots: training rows at several cut-offs; those whose labels reach into the holdout are left out.
        holdout: rows of one later cut-off with the same horizon.
        events: the log that the snapshots were made of, for the baseline.

    Raises:
        TrainingError: the holdout has several cut-offs, another horizon, another catalog or customers who all did the
            same, or no training row is early enough.
    """
    cutoffs = holdout.cutoffs
    if holdout.catalog_hash != snapshots.catalog_hash:
        raise TrainingError(
            f"{holdout.where}: catalog {holdout.catalog_hash[:12]}… "
            f"(expected: {snapshots.catalog_hash[:12]}… as in {snapshots.where}; make both from one catalog)"
        )
    if len(cutoffs) != 1:
        raise TrainingError(f"{holdout.where}: {len(cutoffs)} cut-offs (expected: one, to be measured on)")
    if holdout.horizon_days != snapshots.horizon_days:
        raise TrainingError(
            f"{holdout.where}: horizon of {holdout.horizon_days} days "
            f"(expected: {snapshots.horizon_days} as in {snapshots.where})"
        )
    if np.unique(holdout.churned).size < 2 or not (holdout.spend > 0).any():
        raise TrainingError(
            f"{holdout.where}: the customers all did the same "
            "(expected: both customers who ordered within the horizon and customers who did not, and some spend)"
        )
    train = snapshots.ended_by(cutoffs[0])
    churn, value = ChurnModel.fit(train), ValueModel.fit(train)
    baseline_churn, baseline_value = _baseline(holdout, events) if events else ({}, {})
    return Evaluation(
        churn_metrics(holdout.churned, served(churn, holdout)[:, 0]),
        value_metrics(holdout.spend, served(value, holdout)[:, 0]),
        segment_metrics(snapshots, holdout),
        baseline_churn,
        baseline_value,
    )


def spend_measures(splits: Sequence[Snapshots], power: float, terms: Sequence[str]) -> Measures:
    """Measures of the value model with this power and these terms of the spend.

    They are the mean over the splits; the newest cut-off of each is measured on.
    """
    each = []
    for split in splits:
        newest = split.newest()
        model = ValueModel.fit(split.ended_by(newest.cutoffs[0]), power, terms)
        each.append(value_metrics(newest.spend, served(model, newest)[:, 0]))
    return {name: float(np.mean([measures[name] for measures in each])) for name in each[0]}


def served(model: Model, rows: Snapshots) -> Matrix:
    """What the exported model gives, [rows, outputs]."""
    return run_onnx(model.to_onnx(), fill(rows.matrix(model.design.names), model.defaults))


def segment_metrics(snapshots: Snapshots, holdout: Snapshots, seed: int = 1) -> Measures:
    """Segments trained on the newest cut-off before the holdout's, measured at the holdout's.

    `silhouette` is the mean silhouette width; `bootstrap_ari` the adjusted Rand index between the clustering of the
    holdout and those of bootstrap samples of it; `previous_ari` that between the segments of this model and of one
    with as many segments from the cut-off before (absent if there is none); `smallest_share` the share of the smallest
    segment.
    """
    random = np.random.default_rng(seed)
    cutoffs = [cutoff for cutoff in snapshots.cutoffs if cutoff < holdout.cutoffs[0]]
    model = SegmentModel.fit(snapshots.at(cutoffs), seed=seed)
    raw = holdout.matrix(model.design.names)
    points, labels = model.points(raw), served(model, holdout).argmax(axis=1)
    measures = {
        "count": float(len(model.names)),
        "silhouette": silhouette(points, labels, random),
        "bootstrap_ari": stability(points, len(model.names), random),
    }
    if len(cutoffs) > 1:
        before = SegmentModel.fit(snapshots.at(cutoffs[:-1]), counts=(len(model.names),), seed=seed)
        measures["previous_ari"] = float(adjusted_rand_score(labels, before.assign(raw)))
    measures["smallest_share"] = float(np.bincount(labels, minlength=len(model.names)).min() / len(labels))
    return measures


def _baseline(holdout: Snapshots, events: Path) -> tuple[Measures, Measures]:
    until = (holdout.cutoffs[0] - timedelta(milliseconds=1)).date()
    histories = Histories.of(read_order_days(events), until)
    timing = BgNbd.fit(histories)
    orders = histories.repeats + 1
    amounts = GammaGamma.fit(orders, histories.mean_value)
    weeks = holdout.horizon_days / 7
    none = timing.none_within(histories, weeks)
    expected = timing.expected_within(histories, weeks) * amounts.expected_amount(orders, histories.mean_value)
    place = {customer: index for index, customer in enumerate(histories.customers)}
    rows = [place.get(customer, -1) for customer in holdout.frame["customer_id"]]
    if not any(row >= 0 for row in rows):
        raise TrainingError(
            f"{events}: no order by {until} of a customer in {holdout.where} "
            "(expected: the log that the snapshot was made of)"
        )
    return (  # the model knows nothing of customers without an order: they are taken as gone
        churn_metrics(holdout.churned, np.append(none, 1.0)[rows]),
        value_metrics(holdout.spend, np.append(expected, 0.0)[rows]),
    )
