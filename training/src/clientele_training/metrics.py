"""Measures of the models' answers against what customers then did."""

import numpy as np
from scipy.stats import rankdata
from sklearn.metrics import log_loss, roc_auc_score

from clientele_training.design import Matrix

BINS = 10


def churn_metrics(churned: Matrix, probability: Matrix) -> dict[str, float]:
    """AUC, log loss, Brier score and calibration error.

    The calibration error is the mean distance, over ten equal groups by probability, between the mean probability and
    the share that churned.

    Args:
        churned: 0 or 1; shape [rows].
        probability: predicted; shape [rows].
    """
    return {
        "auc": float(roc_auc_score(churned, probability)),
        "log_loss": float(log_loss(churned, np.clip(probability, 1e-6, 1 - 1e-6))),
        "brier": float(np.mean((probability - churned) ** 2)),
        "calibration_error": float(np.mean([abs(p - y) for p, y in _groups(probability, churned)])),
    }


def value_metrics(spend: Matrix, expected: Matrix) -> dict[str, float]:
    """MAE, Spearman, normalised Gini, share of the spend that the best-scored tenth holds, decile error.

    The decile error is the mean distance, over ten equal groups by expected spend, between the means of expected and
    actual spend, relative to the mean spend of all.

    Args:
        spend: actual; shape [rows].
        expected: predicted; shape [rows].
    """
    best = np.argsort(-expected, kind="stable")[: int(np.ceil(len(expected) / 10))]
    return {
        "mae": float(np.mean(np.abs(expected - spend))),
        "spearman": float(np.corrcoef(rankdata(spend), rankdata(expected))[0, 1]),
        "normalised_gini": _gini(spend, expected) / _gini(spend, spend),
        "top10": float(spend[best].sum() / spend.sum()),
        "decile_error": float(np.mean([abs(p - y) for p, y in _groups(expected, spend)]) / spend.mean()),
    }


def _gini(spend: Matrix, by: Matrix) -> float:
    order = np.argsort(-by, kind="stable")
    rows = len(spend)
    return float(np.cumsum(spend[order]).sum() / spend.sum() / rows - (rows + 1) / (2 * rows))


def _groups(predicted: Matrix, actual: Matrix) -> list[tuple[float, float]]:
    order = np.argsort(predicted, kind="stable")
    return [(predicted[part].mean(), actual[part].mean()) for part in np.array_split(order, BINS) if part.size]
