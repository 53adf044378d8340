"""The first half of 1998 foretold from the time before, by models as they are exported."""

import pytest

from clientele_training.errors import TrainingError
from clientele_training.evaluation import evaluate
from conftest import MUST


@pytest.fixture(scope="module")
def evaluation(split, events):
    return evaluate(*split, events)


def test_holds_out_the_published_customers(split):
    _, holdout = split

    assert holdout.frame.height == 23_570
    assert 1 - holdout.churned.mean() == pytest.approx(0.228, abs=0.0005)
    assert holdout.spend.mean() == pytest.approx(20.2017, abs=0.001)


@pytest.mark.parametrize(("task", "measure"), MUST)
def test_reaches_the_line_that_must_be_reached(evaluation, task, measure):
    measured = getattr(evaluation, task)[measure]

    if measure == "log_loss":
        assert measured <= MUST[task, measure]
    else:
        assert measured >= MUST[task, measure]


def test_the_level_of_expected_spend_is_off_by_less_than_a_quarter(evaluation):
    assert evaluation.value["decile_error"] < 0.25


def test_the_baseline_has_the_published_figures(evaluation):
    churn, value = evaluation.baseline_churn, evaluation.baseline_value

    assert churn["auc"] == pytest.approx(0.7882, abs=0.0005)
    assert churn["log_loss"] == pytest.approx(0.4244, abs=0.0005)
    assert value["spearman"] == pytest.approx(0.4349, abs=0.0005)
    assert value["normalised_gini"] == pytest.approx(0.7457, abs=0.0005)
    assert value["top10"] == pytest.approx(0.565, abs=0.001)


def test_no_better_than_honest(evaluation):
    assert evaluation.churn["auc"] < 0.83


def test_segments_are_told_apart_and_return_under_resampling(evaluation):
    segments = evaluation.segments

    assert segments["silhouette"] > 0.38
    assert segments["bootstrap_ari"] > 0.9
    assert segments["previous_ari"] > 0.85
    assert segments["smallest_share"] > 0.03


def test_the_table_has_a_row_a_measure(evaluation):
    lines = evaluation.table().splitlines()

    assert len(lines) == 2 + len(evaluation.churn) + len(evaluation.value) + len(evaluation.segments)
    assert f"| churn: auc | {evaluation.churn['auc']:.4g} | {evaluation.baseline_churn['auc']:.4g} |" in lines


def test_a_holdout_is_one_later_cutoff_with_the_same_horizon(split, shipped_rows):
    training, holdout = split
    with pytest.raises(TrainingError, match=r"12 cut-offs \(expected: one"):
        evaluate(training, training)
    with pytest.raises(TrainingError, match=r"horizon of 90 days \(expected: 181"):
        evaluate(training, shipped_rows.newest())
    with pytest.raises(TrainingError, match="no cut-off whose 181 days of labels end by"):
        evaluate(holdout, holdout)
