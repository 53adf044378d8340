"""The baseline against the figures published for CDNOW."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from clientele_training import cdnow
from clientele_training.baseline import BgNbd, GammaGamma, Histories
from clientele_training.errors import TrainingError
from clientele_training.events import read_order_days


@pytest.fixture(scope="module")
def order_days(tmp_path_factory):
    file = tmp_path_factory.mktemp("sample") / "sample.csv"
    assert cdnow.write_events(file, sample=True) == 6919
    return read_order_days(file)


@pytest.fixture(scope="module")
def histories(order_days):
    return Histories.of(order_days, date(1997, 9, 30))


@pytest.fixture(scope="module")
def timing(histories):
    return BgNbd.fit(histories)


def test_bg_nbd_has_the_published_parameters(histories, timing):
    assert len(histories.customers) == 2357
    assert timing.r == pytest.approx(0.243, abs=0.0005)
    assert timing.alpha == pytest.approx(4.414, abs=0.002)
    assert timing.a == pytest.approx(0.793, abs=0.001)
    assert timing.b == pytest.approx(2.426, abs=0.002)
    assert timing.log_likelihood == pytest.approx(-9582.4, abs=0.05)


def test_gamma_gamma_has_the_published_parameters(histories):
    amounts = GammaGamma.fit(histories.repeats, histories.repeat_mean_value)

    assert amounts.p == pytest.approx(6.25, abs=0.01)
    assert amounts.q == pytest.approx(3.74, abs=0.01)
    assert amounts.gamma == pytest.approx(15.44, abs=0.03)


def test_expected_purchases_correlate_with_the_actual_ones_as_published(order_days, histories, timing):
    later = order_days.filter(pl.col("day") > date(1997, 9, 30)).group_by("customer_id").len()
    counts = dict(later.iter_rows())
    actual = [counts.get(customer, 0) for customer in histories.customers]

    assert np.corrcoef(actual, timing.expected_within(histories, 39.0))[0, 1] == pytest.approx(0.626, abs=0.001)


def test_no_purchase_is_certain_in_no_time_and_less_so_in_more(histories, timing):
    shares = [timing.none_within(histories, weeks) for weeks in (0.0, 4.0, 26.0)]

    np.testing.assert_allclose(shares[0], 1.0)
    assert (shares[1] < shares[0]).all()
    assert (shares[2] < shares[1]).all()
    # the chance of a purchase is at most the expected number of them
    assert (1.0 - shares[2] <= timing.expected_within(histories, 26.0) + 1e-9).all()


def test_event_logs_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(TrainingError, match=r"gone\.csv: no such file"):
        read_order_days(tmp_path / "gone.csv")
    (tmp_path / "log.csv").write_text("customer_id,event_type,event_time\nc1,order,1997-01-01T12:00:00Z\n")
    with pytest.raises(TrainingError, match=r"log\.csv: column 'amount' missing"):
        read_order_days(tmp_path / "log.csv")
    (tmp_path / "bad.csv").write_text("customer_id,event_type,event_time,amount\nc1,order,soon,1.0\n")
    with pytest.raises(TrainingError, match=r"bad\.csv: .*expected: UTC timestamps"):
        read_order_days(tmp_path / "bad.csv")
