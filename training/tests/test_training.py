"""Model versions as they are written, on invented rows."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from clientele_training.churn import ChurnModel
from clientele_training.cli import main
from clientele_training.errors import TrainingError
from clientele_training.evaluation import evaluate
from clientele_training.serving import run_onnx
from clientele_training.snapshots import read_snapshots
from clientele_training.training import TASKS, Settings, Step, tiers_of, train
from conftest import invented_rows, write_snapshot


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path / "models", "invented", created=datetime(2026, 11, 22, tzinfo=UTC))


def test_writes_a_manifest_that_says_all_of_the_model(invented, settings):
    directories = train(invented, TASKS, settings)

    for task, directory in zip(TASKS, directories, strict=True):
        assert directory == settings.models / task / "1"
        manifest = json.loads((directory / "manifest.json").read_text())
        assert manifest["name"] == manifest["task"] == task
        assert manifest["created"] == "2026-11-22T00:00:00Z"
        assert manifest["onnx"]["sha256"] == hashlib.sha256((directory / "model.onnx").read_bytes()).hexdigest()
        assert manifest["catalog_hash"] == "c" * 64
        assert len(manifest["prior"]) == len(manifest["outputs"])
        assert manifest["training"]["origin"] == "invented"
        trained_on = invented.newest() if task == "segment" else invented
        assert manifest["training"]["rows"] == trained_on.frame.height
        for each in manifest["inputs"]:
            assert each["definition"] == invented.definitions[each["name"]]
            present = trained_on.frame[each["name"]].drop_nulls()
            assert (each["min"], each["max"]) == pytest.approx((present.min(), present.max()), rel=1e-6)
            assert each["missing"] == pytest.approx(1 - len(present) / trained_on.frame.height, abs=1e-6)
            assert sum(each["histogram"]["counts"]) == len(present)
            assert len(each["histogram"]["edges"]) == len(each["histogram"]["counts"]) + 1
            assert (np.diff(each["histogram"]["edges"]) > 0).all()
        golden = manifest["golden"]
        rows, outputs = np.array(golden["rows"]), np.array(golden["outputs"])
        assert 8 <= len(rows) <= 32
        served = run_onnx(directory / "model.onnx", rows)
        assert (np.abs(served - outputs) <= golden["tolerance"] * np.maximum(1, np.abs(outputs))).all()


def test_writes_the_next_version_beside_the_one_before(invented, settings):
    train(invented, ["churn"], settings)
    first = (settings.models / "churn" / "1" / "manifest.json").read_bytes()

    assert train(invented, ["churn"], settings) == [settings.models / "churn" / "2"]
    assert (settings.models / "churn" / "1" / "manifest.json").read_bytes() == first
    second = json.loads((settings.models / "churn" / "2" / "manifest.json").read_text())
    assert second == json.loads(first) | {"version": "2"}


def test_segments_take_their_names_from_the_version_before(invented, settings):
    (directory,) = train(invented, ["segment"], settings)
    file = directory / "manifest.json"
    manifest = json.loads(file.read_text())
    # another vocabulary, as a team would choose it
    manifest["outputs"] = [f"group {n}" for n in range(len(manifest["outputs"]))]
    file.write_text(json.dumps(manifest))

    (later,) = train(invented, ["segment"], settings)

    again = json.loads((later / "manifest.json").read_text())
    assert again["outputs"] == manifest["outputs"]
    assert again["golden"] == manifest["golden"]


def test_tiers_ascend_and_are_round():
    assert tiers_of(np.linspace(0.0, 100.0, 1001)) == [
        Step("bronze", 50.0),
        Step("silver", 80.0),
        Step("gold", 95.0),
        Step("platinum", None),
    ]
    assert tiers_of(np.full(10, 3.0)) == [Step("bronze", 3.0), Step("platinum", None)]


def test_wants_a_later_cutoff_to_measure_on(tmp_path, settings):
    one = read_snapshots([write_snapshot(tmp_path / "one.csv", invented_rows(cutoffs=("2026-01-31",)))])
    with pytest.raises(
        TrainingError, match=r"one\.csv: one cut-off, 2026-01-31T23:59:59\.999Z \(expected: two or more"
    ):
        train(one, TASKS, settings)
    near = read_snapshots([write_snapshot(tmp_path / "near.csv", invented_rows(cutoffs=("2026-01-31", "2026-02-10")))])
    with pytest.raises(TrainingError, match=r"near\.csv: no cut-off whose 30 days of labels end by 2026-02-10"):
        train(near, ["churn"], settings)
    with pytest.raises(TrainingError, match=r"unknown task 'fortune' \(expected: segment, churn, value\)"):
        train(near, ["fortune"], settings)


def test_the_command_trains_and_says_where(tmp_path, capsys):
    rows = str(write_snapshot(tmp_path / "rows.csv", invented_rows()))
    command = [
        "train",
        "--snapshots",
        rows,
        "--models",
        str(tmp_path / "m"),
        "--tasks",
        "churn",
        "--bands",
        "ok:0.4,bad",
    ]

    assert main(command) == 0

    assert capsys.readouterr().out == f"{tmp_path}/m/churn/1\n"
    manifest = json.loads((tmp_path / "m" / "churn" / "1" / "manifest.json").read_text())
    assert manifest["bands"] == [{"name": "ok", "upper": 0.4}, {"name": "bad"}]
    assert manifest["training"]["origin"] == "rows.csv"


def test_the_command_measures_on_a_later_cutoff(tmp_path, capsys):
    earlier = str(write_snapshot(tmp_path / "earlier.csv", invented_rows(cutoffs=("2026-01-31", "2026-02-28"))))
    later = str(write_snapshot(tmp_path / "later.csv", invented_rows(cutoffs=("2026-05-31",))))

    assert main(["evaluate", "--snapshots", earlier, "--holdout", later]) == 0

    assert "| churn: auc | 0." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--snapshots", "gone.csv"], "clientele-train: gone.csv: no such file (expected: a snapshot"),
        (["--bands", "low:x,high"], "--bands 'low:x' (expected: NAME:UPPER"),
        (["--bands", "low:0.9,mid:0.5,high"], "(expected: ascending between 0 and 1, the last without a number"),
        (["--bands", "low:0.9"], "(expected: ascending between 0 and 1, the last without a number"),
        (["--bands", "low:nan,high"], "(expected: ascending between 0 and 1, the last without a number"),
        (["--bands", "low:0.2,mid:1.5,high"], "(expected: ascending between 0 and 1, the last without a number"),
        (["--created", "today"], "'today' is no time (expected: such as 1997-12-31T23:59:59.999Z)"),
        (["--created", "2026-01-01T00:00:00"], "has no time zone"),
        (["--currency", "dollars"], "--currency 'dollars' (expected: three capital letters, such as USD)"),
    ],
)
def test_the_command_says_what_is_wrong_and_writes_nothing(tmp_path, capsys, options, message):
    rows = str(write_snapshot(tmp_path / "rows.csv", invented_rows()))
    models = tmp_path / "models"

    assert main(["train", "--snapshots", rows, "--models", str(models), *options]) == 1

    assert message in capsys.readouterr().err
    assert not models.exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows.with_columns(label_churned=1, label_spend=0.0), "label_churned is 1 in all rows"),
        (lambda rows: rows.with_columns(label_spend=0.0), "0 of 400 rows have label_spend > 0"),
        (
            lambda rows: rows.filter(~pl.col("as_of").str.starts_with("2026-07")).with_columns(
                as_of=pl.col("as_of").str.replace("2026-04-30", "2026-02-10")
            ),
            "no cut-off whose 30 days of labels end",
        ),
    ],
)
def test_one_model_that_cannot_be_trained_keeps_all_from_being_written(tmp_path, capsys, change, message):
    rows = str(write_snapshot(tmp_path / "rows.csv", change(invented_rows())))

    assert main(["train", "--snapshots", rows, "--models", str(tmp_path / "models")]) == 1

    said = capsys.readouterr().err
    assert message in said
    assert len(said.splitlines()) == 1
    assert not (tmp_path / "models").exists()


def test_the_command_says_in_one_line_that_it_cannot_write(tmp_path, capsys):
    rows = str(write_snapshot(tmp_path / "rows.csv", invented_rows()))
    (tmp_path / "models").write_text("a file")

    assert main(["train", "--snapshots", rows, "--models", str(tmp_path / "models"), "--tasks", "churn"]) == 1

    said = capsys.readouterr().err
    assert f"{tmp_path}/models" in said
    assert len(said.splitlines()) == 1


def test_golden_rows_tell_a_graph_that_differs_from_the_model(invented, settings, monkeypatch):
    rows_of = ChurnModel.predict
    steeper = ChurnModel.to_onnx
    monkeypatch.setattr(ChurnModel, "to_onnx", lambda model: steeper(replace(model, slope=model.slope * 1.01)))

    (directory,) = train(invented, ["churn"], settings)

    golden = json.loads((directory / "manifest.json").read_text())["golden"]
    rows, outputs = np.array(golden["rows"]), np.array(golden["outputs"])
    np.testing.assert_allclose(rows_of(ChurnModel.fit(invented), rows), outputs, rtol=1e-6)
    assert np.abs(run_onnx(directory / "model.onnx", rows) - outputs).max() > golden["tolerance"]


def test_goes_past_a_version_that_is_not_whole_and_names_one_that_cannot_be_read(invented, settings):
    (settings.models / "churn" / "4").mkdir(parents=True)
    assert train(invented, ["churn"], settings) == [settings.models / "churn" / "5"]
    assert [each.name for each in sorted((settings.models / "churn").iterdir())] == ["4", "5"]

    broken = settings.models / "segment" / "1"
    broken.mkdir(parents=True)
    (broken / "manifest.json").write_text("{}")
    with pytest.raises(TrainingError, match=r"segment/1/manifest\.json: no 'onnx' \(expected: a manifest\)"):
        train(invented, ["segment"], settings)


def test_a_holdout_of_another_catalog_or_of_one_kind_of_customers_is_refused(tmp_path, invented):
    later = invented_rows(cutoffs=("2026-10-31",))
    other = read_snapshots([write_snapshot(tmp_path / "other.csv", later, catalog_hash="d" * 64)])
    with pytest.raises(TrainingError, match=r"other\.csv: catalog dddd.* \(expected: cccc"):
        evaluate(invented, other)
    gone = later.with_columns(label_churned=1, label_spend=0.0)
    with pytest.raises(TrainingError, match=r"gone\.csv: the customers all did the same"):
        evaluate(invented, read_snapshots([write_snapshot(tmp_path / "gone.csv", gone)]))


def test_a_customer_without_orders_gets_an_answer(tmp_path, settings):
    browsing = pl.col("customer_id") == "c0003"
    never = [
        pl.when(browsing).then(None).otherwise(pl.col(c)).alias(c)
        for c in ("days_since_last_order", "last_order_value")
    ]
    none = [pl.when(browsing).then(0).otherwise(pl.col(c)).alias(c) for c in ("order_days_lifetime", "spend_lifetime")]
    rows = read_snapshots([write_snapshot(tmp_path / "rows.csv", invented_rows().with_columns(*never, *none))])

    for directory in train(rows, TASKS, settings):
        manifest = json.loads((directory / "manifest.json").read_text())
        names = [each["name"] for each in manifest["inputs"]]
        defaults = {each["name"]: each["default"] for each in manifest["inputs"]}
        row = [defaults[n] if n.startswith(("days_since", "last", "order_gap", "order_late")) else 0.0 for n in names]
        assert np.isfinite(run_onnx(directory / "model.onnx", np.array([row]))).all()
