"""The models that ship: whole, and what this package makes of the log again."""

import hashlib
import json

import numpy as np
import pytest

from clientele_training import cdnow
from clientele_training.serving import run_onnx
from clientele_training.training import TASKS, Settings, train
from conftest import SHIPPED_MODELS


def shipped(task):
    directory = SHIPPED_MODELS / task / "1"
    return directory, json.loads((directory / "manifest.json").read_text())


@pytest.fixture(scope="module")
def retrained(shipped_rows, tmp_path_factory):
    models = tmp_path_factory.mktemp("models")
    train(shipped_rows, TASKS, Settings(models, cdnow.ORIGIN))
    return models


@pytest.mark.parametrize("task", TASKS)
def test_answers_its_golden_rows(task):
    directory, manifest = shipped(task)
    golden = manifest["golden"]
    expected = np.array(golden["outputs"])

    assert manifest["onnx"]["sha256"] == hashlib.sha256((directory / "model.onnx").read_bytes()).hexdigest()
    answers = run_onnx(directory / "model.onnx", np.array(golden["rows"]))
    assert (np.abs(answers - expected) <= golden["tolerance"] * np.maximum(1, np.abs(expected))).all()


@pytest.mark.parametrize("task", TASKS)
def test_is_what_training_gives(task, retrained):
    _, manifest = shipped(task)
    again = json.loads((retrained / task / "1" / "manifest.json").read_text())

    for key in ("catalog_hash", "outputs", "horizon_days", "bands", "tiers", "currency"):
        assert again.get(key) == manifest.get(key), key
    inputs = [(each["name"], each["definition"]) for each in manifest["inputs"]]
    assert [(each["name"], each["definition"]) for each in again["inputs"]] == inputs
    assert [each["default"] for each in again["inputs"]] == [each["default"] for each in manifest["inputs"]]
    assert again["training"]["cutoffs"] == manifest["training"]["cutoffs"]
    assert again["training"]["rows"] == manifest["training"]["rows"]
    assert again["prior"] == pytest.approx(manifest["prior"], rel=1e-2, abs=1e-3)
    for name, measured in manifest["metrics"].items():
        if isinstance(measured, float):
            assert again["metrics"][name] == pytest.approx(measured, rel=2e-2), name
    answers = run_onnx(retrained / task / "1" / "model.onnx", np.array(manifest["golden"]["rows"]))
    np.testing.assert_allclose(answers, np.array(manifest["golden"]["outputs"]), rtol=1e-2, atol=2e-3)


def test_scores_of_a_customer_agree_with_each_other(shipped_rows):
    newest = shipped_rows.newest()
    answers = {}
    for task in TASKS:
        directory, manifest = shipped(task)
        raw = newest.matrix([each["name"] for each in manifest["inputs"]])
        defaults = np.array([each["default"] for each in manifest["inputs"]])
        answers[task] = run_onnx(directory / "model.onnx", np.where(np.isnan(raw), defaults, raw))
    names = shipped("segment")[1]["outputs"]
    segment = answers["segment"].argmax(axis=1)

    def mean(task, name):
        return answers[task][segment == names.index(name), 0].mean()

    assert mean("churn", "champions") < 0.5 < mean("churn", "at risk") < mean("churn", "lost")
    assert mean("value", "champions") > 2 * mean("value", "at risk") > 8 * mean("value", "lost")
    assert np.corrcoef(answers["churn"][:, 0], np.log(answers["value"][:, 0]))[0, 1] < -0.8
