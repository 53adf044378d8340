"""The CDNOW log as events."""

from pathlib import Path

import polars as pl
import pytest

from clientele_training import cdnow
from clientele_training.errors import TrainingError


def test_every_line_is_an_order_of_its_own(events):
    log = pl.read_csv(events, schema_overrides={"customer_id": pl.String})

    assert log.columns == ["customer_id", "event_id", "event_type", "event_time", "amount", "items"]
    assert log.height == 69_659
    assert log["event_id"].n_unique() == 69_659
    assert log["customer_id"].n_unique() == 23_570
    assert log["amount"].sum() == pytest.approx(2_500_315.63)
    assert log["items"].sum() == 167_881
    assert log.drop("event_id").is_duplicated().sum() > 255
    assert log.row(0) == ("00001", "cdnow-00001", "order", "1997-01-01T12:00:00Z", 11.77, 1)


def test_writes_the_same_file_again(events, tmp_path):
    cdnow.write_events(tmp_path / "again.csv")

    assert (tmp_path / "again.csv").read_bytes() == events.read_bytes()


def test_a_launcher_that_fails_is_quoted(events, tmp_path):
    with pytest.raises(TrainingError, match="expected: the clientele launcher"):
        cdnow.snapshot(Path("/no/such/launcher"), events, cdnow.SPLIT_HOLDOUT, tmp_path / "out.csv")
    launcher = tmp_path / "launcher"
    launcher.write_text('#!/bin/sh\necho "$1 cannot" >&2\nexit 3\n')
    launcher.chmod(0o755)
    with pytest.raises(TrainingError, match=r"ended with 3:\nsnapshot cannot"):
        cdnow.snapshot(launcher, events, cdnow.SPLIT_HOLDOUT, tmp_path / "out.csv")
