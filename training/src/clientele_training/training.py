"""Trains models and writes them as new versions of a model repository."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from clientele_training import naming
from clientele_training.churn import ChurnModel
from clientele_training.design import fill
from clientele_training.errors import TrainingError
from clientele_training.evaluation import segment_metrics, served
from clientele_training.manifest import Entry, Model, Version, next_version, read_manifest, time_text, versions
from clientele_training.metrics import churn_metrics, value_metrics
from clientele_training.segments import SegmentModel
from clientele_training.serving import run_onnx
from clientele_training.snapshots import Snapshots
from clientele_training.value import ValueModel

TASKS = ("segment", "churn", "value")
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Step:
    """A band of churn or a tier of value: a name, and the score below which it ends (None in the last)."""

    name: str
    upper: float | None


BANDS = (Step("low", 0.5), Step("medium", 0.8), Step("high", None))
TIERS = (("bronze", 0.5), ("silver", 0.8), ("gold", 0.95), ("platinum", None))


@dataclass(frozen=True)
class Settings:
    """How to train.

    Attributes:
        models: the repository to write to; its newest version of `segment` gives the names where customers are the
            same.
        origin: where the events came from, for the manifest.
        currency: three letters, of the amounts.
        bands: churn bands, ascending.
        created: what the manifests say, in UTC.
        seed: of the clustering and its resampling.
    """

    models: Path
    origin: str
    currency: str = "USD"
    bands: Sequence[Step] = BANDS
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    seed: int = 1


def train(snapshots: Snapshots, tasks: Sequence[str], settings: Settings) -> list[Path]:
    """Trains the models of these tasks on all rows and writes each as the next version; returns their directories.

    Nothing is written before all are trained.

    What the manifests say of their quality was measured on the newest cut-off, by a model of the same kind trained on
    the rows whose label windows had ended by then.

    Raises:
        TrainingError: a task is unknown, the rows cannot be trained from, or no holdout in time can be made of them.
    """
    unknown = [task for task in tasks if task not in TASKS]
    if unknown:
        raise TrainingError(f"unknown task {', '.join(map(repr, unknown))} (expected: {', '.join(TASKS)})")
    if len(snapshots.cutoffs) < 2:
        raise TrainingError(
            f"{snapshots.where}: one cut-off, {time_text(snapshots.cutoffs[0])} "
            "(expected: two or more, the newest to measure on; give several times to --as-of)"
        )
    makers = {"segment": _segment, "churn": _churn, "value": _value}
    made = [makers[task](snapshots, settings) for task in dict.fromkeys(tasks)]
    return [version.write(settings.models) for version in made]


def _segment(snapshots: Snapshots, settings: Settings) -> Version:
    model = SegmentModel.fit(snapshots, seed=settings.seed)
    known = versions(settings.models, "segment")
    if known:
        model = model.renamed(_names(model, snapshots, settings.models / "segment" / known[-1]))
    metrics = segment_metrics(snapshots, snapshots.newest(), settings.seed)
    described = zip(model.names, model.describe(), strict=True)
    return _version(
        model,
        snapshots.newest(),
        settings,
        "Soft segments of recency, frequency and spend.",
        model.prior.tolist(),
        {"segments": [{"id": n, "name": name, "description": text} for n, (name, text) in enumerate(described)]},
        metrics,
        {
            "choice": [
                {
                    "segments": each.count,
                    "silhouette": round(each.silhouette, 4),
                    "smallest_share": round(each.smallest_share, 4),
                    "stability": round(each.stability, 4),
                }
                for each in model.choices
            ]
        },
    )


def _churn(snapshots: Snapshots, settings: Settings) -> Version:
    newest = snapshots.newest()
    earlier = ChurnModel.fit(snapshots.ended_by(newest.cutoffs[0]))
    model = ChurnModel.fit(snapshots)
    return _version(
        model,
        snapshots,
        settings,
        f"Probability of no order in the next {snapshots.horizon_days} days.",
        [model.prior],
        {"horizon_days": snapshots.horizon_days, "bands": [_step(each) for each in settings.bands]},
        churn_metrics(newest.churned, served(earlier, newest)[:, 0]),
        {"horizon_days": snapshots.horizon_days},
    )


def _value(snapshots: Snapshots, settings: Settings) -> Version:
    newest = snapshots.newest()
    earlier = ValueModel.fit(snapshots.ended_by(newest.cutoffs[0]))
    model = ValueModel.fit(snapshots)
    tiers = tiers_of(model.predict(newest.matrix(model.design.names))[:, 0])
    return _version(
        model,
        snapshots,
        settings,
        f"Expected spend in the next {snapshots.horizon_days} days.",
        [model.prior],
        {
            "horizon_days": snapshots.horizon_days,
            "tiers": [_step(each) for each in tiers],
            "currency": settings.currency,
        },
        value_metrics(newest.spend, served(earlier, newest)[:, 0]),
        {"horizon_days": snapshots.horizon_days},
    )


def tiers_of(expected: np.ndarray) -> list[Step]:
    """Tiers at the quantiles of expected spend, [rows], that `TIERS` names, rounded to two digits and ascending."""
    steps, before = [], 0.0
    for name, share in TIERS:
        upper = None if share is None else float(f"{np.quantile(expected, share):.2g}")
        if upper is not None and upper <= before:
            continue
        steps.append(Step(name, upper))
        before = upper if upper is not None else before
    return steps


def _names(model: SegmentModel, snapshots: Snapshots, previous: Path) -> list[str]:
    """The names that the version before had for the same customers."""
    manifest = read_manifest(previous)
    names = [each["name"] for each in manifest["inputs"]]
    defaults = np.array([each["default"] for each in manifest["inputs"]])
    newest = snapshots.newest()
    before = run_onnx(previous / manifest["onnx"]["file"], fill(newest.matrix(names), defaults)).argmax(axis=1)
    return naming.carried_names(
        model.centres, model.assign(newest.matrix(model.design.names)), manifest["outputs"], before
    )


def _version(
    model: Model,
    snapshots: Snapshots,
    settings: Settings,
    description: str,
    prior: list[float],
    details: dict[str, Any],
    metrics: dict[str, float],
    training: dict[str, Any],
) -> Version:
    entry = Entry(
        version=next_version(settings.models, model.task),
        description=description,
        prior=prior,
        details=details,
        metrics={
            "measured_at": time_text(snapshots.cutoffs[-1]),
            "trained_on": "the cut-off before"
            if model.task == "segment"
            else "cut-offs whose labels had ended by then",
            **{name: round(value, 6) for name, value in metrics.items()},
        },
        training={"origin": settings.origin, **training},
        tolerance=TOLERANCE,
        created=settings.created,
    )
    return Version.of(model, snapshots, entry)


def _step(step: Step) -> dict[str, Any]:
    return {"name": step.name} if step.upper is None else {"name": step.name, "upper": step.upper}
