"""What a model version holds: `model.onnx` and the manifest that says how to call it and what to expect of it."""

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version as package_version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import numpy as np
import onnx

from clientele_training.design import Design, Matrix, fill
from clientele_training.errors import TrainingError
from clientele_training.graph import INPUT, OUTPUT
from clientele_training.snapshots import Snapshots

FORMAT = 1
HISTOGRAM_BINS = 10
GOLDEN_ROWS = 12
PACKAGES = ("numpy", "scipy", "scikit-learn", "onnx")


class Model(Protocol):
    """What the three kinds of models have in common."""

    task: str
    design: Design
    defaults: Matrix

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the output's columns."""

    def predict(self, raw: Matrix) -> Matrix:
        """Scores [rows, outputs] of raw inputs [rows, inputs]; NaN is missing."""

    def to_onnx(self) -> onnx.ModelProto:
        """The same as a graph."""


@dataclass(frozen=True)
class Entry:
    """What stands in a manifest beside the model itself.

    Attributes:
        version: a positive integer as text.
        description: one sentence.
        prior: the answer for a customer of whom nothing is known; length [outputs].
        details: further keys for the model's task (segments, bands, tiers, currency, horizon_days).
        metrics: what was measured on the holdout.
        training: where the rows came from.
        tolerance: by how much a serving engine's answer to a golden row may differ.
        created: when it was made, in UTC.
    """

    version: str
    description: str
    prior: Sequence[float]
    details: Mapping[str, Any]
    metrics: Mapping[str, Any]
    training: Mapping[str, Any]
    tolerance: float
    created: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class Version:
    """A model version that is not yet written.

    Attributes:
        place: its directory in a repository, `<task>/<version>`.
        graph: content of `model.onnx`.
        manifest: content of `manifest.json`.
    """

    place: Path
    graph: bytes
    manifest: str

    @classmethod
    def of(cls, model: Model, train: Snapshots, entry: Entry) -> "Version":
        """The version of a trained model; `train` holds its training rows."""
        graph = model.to_onnx().SerializeToString(deterministic=True)
        raw = train.matrix(model.design.names)
        manifest = {
            "format": FORMAT,
            "name": model.task,
            "version": entry.version,
            "task": model.task,
            "created": f"{entry.created:%Y-%m-%dT%H:%M:%SZ}",
            "description": entry.description,
            "onnx": {
                "file": "model.onnx",
                "sha256": hashlib.sha256(graph).hexdigest(),
                "input": INPUT,
                "output": OUTPUT,
            },
            "catalog_hash": train.catalog_hash,
            "inputs": [
                _input(name, train.definitions[name], default, raw[:, column])
                for column, (name, default) in enumerate(zip(model.design.names, model.defaults, strict=True))
            ],
            "outputs": list(model.outputs),
            "prior": [_rounded(each) for each in entry.prior],
            **entry.details,
            "metrics": entry.metrics,
            "training": {
                **entry.training,
                "cutoffs": [time_text(cutoff) for cutoff in train.cutoffs],
                "rows": train.frame.height,
                "packages": {name: package_version(name) for name in PACKAGES},
                "python": platform.python_version(),
            },
            "golden": _golden(model, raw, entry.tolerance),
        }
        return cls(Path(model.task, entry.version), graph, _json(manifest) + "\n")

    def write(self, models: Path) -> Path:
        """Writes `models/<task>/<version>/model.onnx` and `manifest.json`; returns the version's directory.

        Both appear at once: they are written beside the version's directory, under a name that is no version.

        Raises:
            TrainingError: the version exists already.
        """
        directory = models / self.place
        if directory.exists():
            raise TrainingError(f"{directory} exists already (expected: a version that does not)")
        directory.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".", dir=directory.parent) as folder:
            unfinished = Path(folder) / directory.name
            unfinished.mkdir()
            (unfinished / "model.onnx").write_bytes(self.graph)
            (unfinished / "manifest.json").write_text(self.manifest, encoding="utf-8")
            unfinished.rename(directory)
        return directory


def versions(models: Path, task: str) -> list[str]:
    """The versions of a model that a repository holds, oldest first."""
    found = [each.parent.name for each in (models / task).glob("*/manifest.json")]
    return sorted((name for name in found if name.isdecimal()), key=int)


def next_version(models: Path, task: str) -> str:
    """The number after those of all versions that a repository holds, whole or not."""
    return str(1 + max((int(each.name) for each in (models / task).glob("*") if each.name.isdecimal()), default=0))


def read_manifest(directory: Path) -> dict[str, Any]:
    """The manifest of a model version.

    Raises:
        TrainingError: there is none, it is not JSON, or it lacks what tells how to call the model.
    """
    file = directory / "manifest.json"
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise TrainingError(f"{file}: {problem} (expected: a manifest)") from problem
    for key in ("onnx", "inputs", "outputs"):
        if not isinstance(manifest, dict) or key not in manifest:
            raise TrainingError(f"{file}: no {key!r} (expected: a manifest)")
    return manifest


def time_text(time: datetime) -> str:
    """An instant as in sidecars: 1997-12-31T23:59:59.999Z."""
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"


def _input(name: str, definition: str, default: float, values: Matrix) -> dict[str, Any]:
    present = values[~np.isnan(values)]
    if present.size == 0:
        present = np.array([default])
    edges = np.unique(np.quantile(present, np.linspace(0.0, 1.0, HISTOGRAM_BINS + 1)).astype(np.float32))
    if edges.size == 1:
        edges = np.array([edges[0], edges[0] + 1], dtype=np.float32)
    held = np.clip(present.astype(np.float32), edges[0], edges[-1])
    return {
        "name": name,
        "definition": definition,
        "default": _rounded(default),
        "min": _rounded(present.min()),
        "max": _rounded(present.max()),
        "missing": float(round(np.isnan(values).mean(), 6)),
        "histogram": {
            "edges": [_rounded(edge) for edge in edges],
            "counts": np.histogram(held, bins=edges)[0].tolist(),
        },
    }


def _golden(model: Model, raw: Matrix, tolerance: float) -> dict[str, Any]:
    """Rows over the whole range of the first output, and corners: defaults, zeros, lowest, highest."""
    order = np.argsort(model.predict(raw)[:, 0], kind="stable")
    spread = raw[order[np.linspace(0, len(order) - 1, GOLDEN_ROWS).astype(int)]]
    known = fill(raw, model.defaults)
    corners = [model.defaults, np.zeros_like(model.defaults), known.min(axis=0), known.max(axis=0)]
    rows = fill(np.vstack([spread, *corners]), model.defaults)
    outputs = model.predict(rows)
    return {
        "rows": [[_rounded(value) for value in row] for row in rows],
        "outputs": [[_rounded(value) for value in row] for row in outputs],
        "tolerance": tolerance,
    }


def _rounded(value: float) -> float:
    """The shortest decimal that is the same float32."""
    return float(np.format_float_scientific(np.float32(value), unique=True))


def _json(value: Any, indent: int = 0) -> str:  # noqa: ANN401
    """JSON with one line for each list of numbers, so that a manifest can be read and compared."""
    pad = "  " * (indent + 1)
    if isinstance(value, Mapping) and value:
        items = [f"{pad}{json.dumps(key)}: {_json(each, indent + 1)}" for key, each in value.items()]
        return "{\n" + ",\n".join(items) + "\n" + "  " * indent + "}"
    if isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        items = [pad + _json(each, indent + 1) for each in value]
        return "[\n" + ",\n".join(items) + "\n" + "  " * indent + "]"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
