"""What each kind of model promises, on invented rows."""

import numpy as np
import pytest

from clientele_training.churn import ChurnModel
from clientele_training.design import fill
from clientele_training.evaluation import served
from clientele_training.segments import SegmentModel
from clientele_training.value import ValueModel


@pytest.mark.parametrize("kind", [SegmentModel, ChurnModel, ValueModel])
def test_the_graph_answers_as_the_model_does(invented, kind):
    model = kind.fit(invented)
    raw = invented.matrix(model.design.names)

    np.testing.assert_allclose(served(model, invented), model.predict(raw), rtol=1e-4, atol=1e-5)
    assert model.predict(raw).shape == (len(raw), len(model.outputs))
    np.testing.assert_array_equal(model.predict(raw), model.predict(fill(raw, model.defaults)))


def test_churn_is_calibrated_on_the_newest_cutoff(invented):
    model, newest = ChurnModel.fit(invented), invented.newest()

    probability = model.predict(newest.matrix(model.design.names))[:, 0]

    assert probability.mean() == pytest.approx(newest.churned.mean(), abs=1e-4)
    assert model.prior == pytest.approx(newest.churned.mean())
    assert ((probability > 0) & (probability < 1)).all()


def test_expected_spend_adds_up_at_the_newest_cutoff(invented):
    model, newest = ValueModel.fit(invented), invented.newest()

    expected = model.predict(newest.matrix(model.design.names))[:, 0]

    assert expected.sum() == pytest.approx(newest.spend.sum(), rel=1e-6)
    assert model.prior == pytest.approx(newest.spend.mean())
    assert (expected > 0).all()


def test_churn_rises_with_the_time_since_the_last_order(shipped_rows):
    model = ChurnModel.fit(shipped_rows)
    regular = dict(zip(model.design.names, model.defaults, strict=True)) | {
        "order_days_lifetime": 8.0,
        "days_since_first_order": 400.0,
        "spend_lifetime": 240.0,
        "items_lifetime": 16.0,
        "order_gap_mean_days": 40.0,
        "order_gap_std_days": 10.0,
        "order_gap_max_days": 60.0,
    }
    rows = [
        regular | {"days_since_last_order": days, "order_lateness": days / 40.0} for days in (5.0, 40.0, 120.0, 300.0)
    ]
    windows = [(2.0, 4.0), (2.0, 4.0), (0.0, 2.0), (0.0, 0.0)]
    rows = [row | {"order_days_90d": q, "order_days_180d": h} for row, (q, h) in zip(rows, windows, strict=True)]

    probability = model.predict(np.array([[row[name] for name in model.design.names] for row in rows]))[:, 0]

    assert (np.diff(probability) > 0).all()
    assert probability[0] < 0.4
    assert probability[-1] > 0.65


def test_memberships_are_probabilities_of_the_nearest_centres(invented):
    model = SegmentModel.fit(invented)
    raw = invented.matrix(model.design.names)

    memberships = model.predict(raw)
    distance = ((model.points(raw)[:, None, :] - model.centres[None, :, :]) ** 2).sum(axis=2)

    assert memberships.sum(axis=1) == pytest.approx(np.ones(len(raw)))
    assert (memberships >= 0).all()
    np.testing.assert_array_equal(model.assign(raw), distance.argmin(axis=1))
    assert sum(model.prior) == pytest.approx(1.0)
    assert len(set(model.names)) == len(model.names)


def test_renaming_keeps_each_segments_customers(invented):
    model = SegmentModel.fit(invented)
    raw = invented.matrix(model.design.names)
    names = ["lost", *model.names[1:-1], "champions"] if model.names[0] == "champions" else list(model.names[::-1])

    renamed = model.renamed(names)

    new_name = dict(zip(model.names, names, strict=True))
    before = [new_name[model.names[each]] for each in model.assign(raw)]
    assert [renamed.names[each] for each in renamed.assign(raw)] == before


def test_chooses_the_best_silhouette_among_sound_numbers_of_segments(invented):
    model = SegmentModel.fit(invented)

    sound = [c for c in model.choices if c.smallest_share >= 0.05 and c.stability >= 0.85] or model.choices
    assert len(model.names) == max(sound, key=lambda choice: choice.silhouette).count
    assert [choice.count for choice in model.choices] == [4, 5, 6, 7]
