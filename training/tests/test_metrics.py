"""Measures against values worked out by hand."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from clientele_training.metrics import churn_metrics, value_metrics


def test_measures_a_perfect_and_a_useless_probability():
    churned = np.array([1.0, 0.0] * 50)

    perfect = churn_metrics(churned, churned)
    useless = churn_metrics(churned, np.full(100, 0.5))

    assert perfect == pytest.approx({"auc": 1.0, "log_loss": 0.0, "brier": 0.0, "calibration_error": 0.0}, abs=1e-5)
    assert useless == pytest.approx({"auc": 0.5, "log_loss": np.log(2), "brier": 0.25, "calibration_error": 0.0})


def test_calibration_error_is_the_mean_distance_over_ten_groups():
    churned = np.array([0.0] * 10 + [1.0] * 10)
    probability = np.array([0.2] * 10 + [0.7] * 10)

    assert churn_metrics(churned, probability)["calibration_error"] == pytest.approx((0.2 + 0.3) / 2)


def test_measures_expected_spend():
    spend = np.array([0.0] * 18 + [10.0, 30.0])

    exact = value_metrics(spend, spend)
    reversed_order = value_metrics(spend, -spend)
    doubled = value_metrics(spend, 2 * spend)

    assert exact == pytest.approx(
        {"mae": 0.0, "spearman": 1.0, "normalised_gini": 1.0, "top10": 1.0, "decile_error": 0.0}
    )
    assert reversed_order["spearman"] == pytest.approx(-1.0)
    assert reversed_order["normalised_gini"] == pytest.approx(-1.0)
    assert reversed_order["top10"] == pytest.approx(0.0)
    assert doubled["mae"] == pytest.approx(2.0)
    assert doubled["normalised_gini"] == pytest.approx(1.0)
    assert doubled["decile_error"] == pytest.approx(1.0)


def test_normalised_gini_and_top_tenth_of_an_order_in_between():
    spend = np.array([0.0] * 16 + [10.0, 10.0, 20.0, 60.0])
    # best scored: 60, 10, then 16 who spent nothing, then 10 and 20
    expected = np.array([*np.linspace(8.0, 6.0, 16), 9.0, 5.0, 4.0, 10.0])

    measured = value_metrics(spend, expected)

    # share of the spend held by the best k, summed over k: .6 + .7 * 17 + .8 + 1, and .6 + .8 + .9 + 17 at best
    assert measured["normalised_gini"] == pytest.approx((14.3 - 10.5) / (19.3 - 10.5))
    assert measured["top10"] == pytest.approx(0.7)
    assert measured["spearman"] == pytest.approx(spearmanr(spend, expected).statistic)
