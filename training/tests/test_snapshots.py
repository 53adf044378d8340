"""Reading snapshots, and what bad ones get."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from clientele_training.churn import ChurnModel
from clientele_training.errors import TrainingError
from clientele_training.segments import SegmentModel
from clientele_training.snapshots import parse_time, read_snapshots
from clientele_training.value import ValueModel
from conftest import FEATURES, invented_rows, write_snapshot


def test_reads_csv_and_parquet_alike(tmp_path):
    rows = invented_rows()
    csv = write_snapshot(tmp_path / "rows.csv", rows)
    parquet = tmp_path / "rows.parquet"
    rows.with_columns(pl.col("as_of").str.to_datetime(time_unit="us", time_zone="UTC")).write_parquet(parquet)
    Path(f"{parquet}.meta.json").write_text(Path(f"{csv}.meta.json").read_text())

    one, other = read_snapshots([csv]), read_snapshots([parquet])

    assert one.cutoffs == other.cutoffs == [parse_time(f"2026-{d}T23:59:59.999Z") for d in ("01-31", "04-30", "07-31")]
    np.testing.assert_array_equal(one.matrix(FEATURES), other.matrix(FEATURES))
    np.testing.assert_array_equal(one.spend, other.spend)
    assert np.isnan(one.matrix(["order_lateness"])).any()


def test_joins_files_of_several_cutoffs(tmp_path):
    rows = invented_rows()
    parts = [
        write_snapshot(tmp_path / f"{n}.csv", part)
        for n, part in enumerate(rows.partition_by("as_of", maintain_order=True))
    ]

    assert read_snapshots(parts).frame.equals(read_snapshots([write_snapshot(tmp_path / "whole.csv", rows)]).frame)


def test_keeps_rows_whose_labels_had_ended(invented):
    known = invented.ended_by(parse_time("2026-05-30T23:59:59.999Z"))

    assert [f"{cutoff:%m-%d}" for cutoff in known.cutoffs] == ["01-31", "04-30"]
    assert [f"{c:%m-%d}" for c in invented.ended_by(parse_time("2026-05-30T23:59:59.998Z")).cutoffs] == ["01-31"]
    with pytest.raises(TrainingError, match=r"rows\.csv: no cut-off whose 30 days of labels end by 2026-02-01"):
        invented.ended_by(parse_time("2026-02-01T00:00:00Z"))


def broken(tmp_path, change=lambda rows: rows, **options):
    return write_snapshot(tmp_path / "bad.csv", change(invented_rows()), **options)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows.drop("spend_lifetime", "label_spend"), "column 'label_spend' missing"),
        (lambda rows: rows.with_columns(surprise=pl.lit(1)), "unknown column 'surprise'"),
        (lambda rows: rows.with_columns(label_spend=pl.lit("NaN")), "600 rows have no label_spend"),
        (lambda rows: rows.with_columns(label_churned=pl.lit(None)), "600 rows have no label_churned"),
        (lambda rows: rows.with_columns(label_churned=pl.lit(2)), "label_churned holds values other than 0 and 1"),
        (lambda rows: rows.with_columns(label_spend=-pl.col("label_spend")), "label_spend holds values below 0"),
        (lambda rows: rows.with_columns(as_of=pl.lit(None)), "600 rows have no as_of"),
        (lambda rows: rows.with_columns(customer_id=pl.lit(None)), "600 rows have no customer_id"),
        (lambda rows: rows.with_columns(spend_lifetime=pl.lit("inf")), "spend_lifetime holds an infinite value"),
        (lambda rows: rows.with_columns(spend_lifetime=pl.lit("much")), "expected: numbers"),
        (lambda rows: rows.with_columns(as_of=pl.lit("yesterday")), "UTC timestamps in as_of"),
        (lambda rows: pl.concat([rows, rows]), "'c0000' stands more than once"),
        (lambda rows: rows.clear(), "no rows"),
    ],
)
def test_names_the_file_and_what_is_wrong_with_its_rows(tmp_path, change, message):
    file = broken(tmp_path, change)

    with pytest.raises(TrainingError, match=message) as caught:
        read_snapshots([file])
    assert "bad.csv" in str(caught.value)
    assert "(expected: " in str(caught.value)


def test_wants_the_column_that_the_sidecar_names(tmp_path):
    file = broken(tmp_path)
    pl.read_csv(file).drop("spend_lifetime").write_csv(file)

    with pytest.raises(TrainingError, match=r"bad\.csv: column 'spend_lifetime' missing"):
        read_snapshots([file])


def test_wants_a_whole_sidecar(tmp_path):
    file = broken(tmp_path)
    sidecar = Path(f"{file}.meta.json")
    meta = json.loads(sidecar.read_text())
    del meta["catalog_hash"]
    sidecar.write_text(json.dumps(meta))
    with pytest.raises(TrainingError, match=r"bad\.csv\.meta\.json: no 'catalog_hash'"):
        read_snapshots([file])
    sidecar.write_text("{")
    with pytest.raises(TrainingError, match=r"bad\.csv\.meta\.json: not JSON"):
        read_snapshots([file])
    sidecar.unlink()
    with pytest.raises(TrainingError, match=r"bad\.csv\.meta\.json: no such file \(expected: the sidecar"):
        read_snapshots([file])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("catalog_hash", 5),
        ("features", None),
        ("features", [{"name": "spend_lifetime"}]),
        ("horizon_days", "30"),
        ("horizon_days", 0),
        ("horizon_days", True),
    ],
)
def test_names_what_is_wrong_in_a_sidecar(tmp_path, key, value):
    sidecar = Path(f"{broken(tmp_path)}.meta.json")
    sidecar.write_text(json.dumps(json.loads(sidecar.read_text()) | {key: value}))

    with pytest.raises(TrainingError, match=rf"bad\.csv\.meta\.json: {key}.* \(expected: "):
        read_snapshots([tmp_path / "bad.csv"])


def test_wants_files_that_exist_and_are_of_a_known_kind(tmp_path):
    with pytest.raises(TrainingError, match=r"gone\.csv: no such file"):
        read_snapshots([tmp_path / "gone.csv"])
    text = write_snapshot(tmp_path / "rows.txt", invented_rows())
    with pytest.raises(TrainingError, match=r"expected: \.csv or \.parquet"):
        read_snapshots([text])
    broken_parquet = tmp_path / "rows.parquet"
    broken_parquet.write_text("no parquet")
    Path(f"{broken_parquet}.meta.json").write_text(Path(f"{text}.meta.json").read_text())
    with pytest.raises(TrainingError, match=r"rows\.parquet: cannot be read"):
        read_snapshots([broken_parquet])
    with pytest.raises(TrainingError, match="at least one"):
        read_snapshots([])


def test_refuses_files_of_different_catalogs_or_horizons(tmp_path):
    first = write_snapshot(tmp_path / "a.csv", invented_rows(cutoffs=("2026-01-31",)))
    other_catalog = write_snapshot(tmp_path / "b.csv", invented_rows(cutoffs=("2026-02-28",)), catalog_hash="d" * 64)
    other_horizon = write_snapshot(tmp_path / "c.csv", invented_rows(cutoffs=("2026-02-28",)), horizon_days=60)

    with pytest.raises(TrainingError, match=r"b\.csv: catalog dddd.* \(expected: cccc.* as in .*a\.csv"):
        read_snapshots([first, other_catalog])
    with pytest.raises(TrainingError, match=r"c\.csv: horizon of 60 days \(expected: 30 as in .*a\.csv"):
        read_snapshots([first, other_horizon])


def test_models_name_a_feature_that_the_catalog_lacks(tmp_path):
    rows = read_snapshots([broken(tmp_path, lambda rows: rows.drop("order_lateness"))])

    with pytest.raises(TrainingError, match=r"bad\.csv: no feature 'order_lateness'"):
        ChurnModel.fit(rows)


def test_models_want_labels_of_both_kinds(tmp_path):
    gone = read_snapshots(
        [broken(tmp_path, lambda r: r.with_columns(label_churned=pl.lit(1), label_spend=pl.lit(0.0)))]
    )
    with pytest.raises(TrainingError, match=r"bad\.csv: label_churned is 1 in all rows \(expected: both"):
        ChurnModel.fit(gone)
    with pytest.raises(TrainingError, match=r"bad\.csv: 0 of 600 rows have label_spend > 0"):
        ValueModel.fit(gone)

    newest = pl.when(pl.col("as_of").str.starts_with("2026-07")).then(0).otherwise(pl.col("label_churned"))
    stayed = read_snapshots([broken(tmp_path, lambda r: r.with_columns(label_churned=newest))])
    with pytest.raises(TrainingError, match="label_churned is 0 in the rows of 2026-07-31"):
        ChurnModel.fit(stayed)


def test_models_of_the_future_want_a_horizon(tmp_path):
    rows = invented_rows().drop("label_orders", "label_spend", "label_churned")
    snapshots = read_snapshots([write_snapshot(tmp_path / "unlabelled.csv", rows, horizon_days=None)])

    with pytest.raises(TrainingError, match=r"unlabelled\.csv: no labels \(expected: a snapshot made with --horizon\)"):
        ChurnModel.fit(snapshots)
    assert len(SegmentModel.fit(snapshots).names) >= 4


def test_segments_want_more_customers_than_segments(tmp_path):
    few = read_snapshots([write_snapshot(tmp_path / "few.csv", invented_rows(rows=5))])

    with pytest.raises(TrainingError, match=r"few\.csv: 5 distinct customers \(expected: more than 7"):
        SegmentModel.fit(few)
