"""Feature snapshots: the files that `clientele snapshot` writes, read and checked.

A snapshot holds one row per (as_of, customer): `customer_id`, `as_of`, every feature of the catalog and, if it was
made with a horizon, the labels `label_orders`, `label_spend` and `label_churned` of the time (as_of, as_of + horizon].
Beside it lies a sidecar `<snapshot>.meta.json` with the catalog's hash and the fingerprint of each feature's
definition. Features come from nowhere else: this package computes none.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clientele_training.errors import TrainingError, first_line

LABELS = ("label_orders", "label_spend", "label_churned")


@dataclass(frozen=True)
class Snapshots:
    """Rows of one or several snapshot files that share a catalog and a horizon.

    Attributes:
        frame: the rows; features are Float64 with null for missing, `as_of` is a UTC timestamp.
        definitions: feature name -> fingerprint of its definition (16 hex digits), in catalog order.
        catalog_hash: hash of the whole catalog (64 hex digits).
        horizon_days: length of the labels' window in days, or None if the rows carry no labels.
        files: where the rows came from, for messages.
    """

    frame: pl.DataFrame
    definitions: dict[str, str]
    catalog_hash: str
    horizon_days: int | None
    files: tuple[str, ...]

    @property
    def cutoffs(self) -> list[datetime]:
        """The distinct `as_of` times, ascending."""
        return self.frame["as_of"].unique().sort().to_list()

    @property
    def where(self) -> str:
        """The files' names, for messages."""
        return ", ".join(self.files)

    @property
    def churned(self) -> NDArray[np.float64]:
        """1 for a row without an order within the horizon, else 0; shape [rows]."""
        return self._label("label_churned")

    @property
    def spend(self) -> NDArray[np.float64]:
        """What a row's customer spent within the horizon, in the log's currency; shape [rows]."""
        return self._label("label_spend")

    def matrix(self, names: Sequence[str]) -> NDArray[np.float64]:
        """Raw values of the named features, NaN for missing; shape [rows, len(names)].

        Raises:
            TrainingError: the catalog has no feature of that name.
        """
        unknown = [name for name in names if name not in self.definitions]
        if unknown:
            raise TrainingError(
                f"{self.where}: no feature {', '.join(map(repr, unknown))} (expected: a column for each)"
            )
        return self.frame.select(names).fill_null(float("nan")).to_numpy().astype(np.float64)

    def at(self, cutoffs: Sequence[datetime]) -> "Snapshots":
        """The rows of these cut-offs only."""
        return replace(self, frame=self.frame.filter(pl.col("as_of").is_in(list(cutoffs))))

    def ended_by(self, time: datetime) -> "Snapshots":
        """The rows whose label window had ended by a time: what a model trained at that time may know.

        Raises:
            TrainingError: there is no such row, or the rows carry no labels.
        """
        cutoffs = [c for c in self.cutoffs if c + timedelta(days=self._horizon()) <= time]
        if not cutoffs:
            raise TrainingError(
                f"{self.where}: no cut-off whose {self.horizon_days} days of labels end by {time:%Y-%m-%dT%H:%M:%SZ} "
                f"(expected: an as_of of {time - timedelta(days=self._horizon()):%Y-%m-%d} or earlier)"
            )
        return self.at(cutoffs)

    def newest(self) -> "Snapshots":
        """The rows of the last cut-off."""
        return self.at(self.cutoffs[-1:])

    def _horizon(self) -> int:
        if self.horizon_days is None:
            raise TrainingError(f"{self.where}: no labels (expected: a snapshot made with --horizon)")
        return self.horizon_days

    def _label(self, name: str) -> NDArray[np.float64]:
        self._horizon()
        return self.frame[name].to_numpy().astype(np.float64)


def read_snapshots(paths: Sequence[Path]) -> Snapshots:
    """Reads snapshot files (CSV or Parquet, each with its sidecar) into one.

    Raises:
        TrainingError: a file or sidecar is missing or malformed, the files disagree on the catalog or the horizon, a
            label is missing, or a (customer, as_of) stands twice.
    """
    if not paths:
        raise TrainingError("no snapshot given (expected: at least one CSV or Parquet file)")
    parts = [_read(path) for path in paths]
    first = parts[0]
    for part in parts[1:]:
        if part.catalog_hash != first.catalog_hash:
            raise TrainingError(
                f"{part.where}: catalog {part.catalog_hash[:12]}… "
                f"(expected: {first.catalog_hash[:12]}… as in {first.where}; make both from one catalog)"
            )
        if part.horizon_days != first.horizon_days:
            raise TrainingError(
                f"{part.where}: horizon of {part.horizon_days} days "
                f"(expected: {first.horizon_days} as in {first.where})"
            )
    whole = replace(
        first,
        frame=pl.concat([part.frame for part in parts]).sort("as_of", "customer_id"),
        files=tuple(file for part in parts for file in part.files),
    )
    twice = whole.frame.filter(pl.struct("customer_id", "as_of").is_duplicated())
    if twice.height:
        raise TrainingError(
            f"{whole.where}: customer {twice['customer_id'][0]!r} stands more than once at {twice['as_of'][0]} "
            "(expected: one row per customer and cut-off)"
        )
    return whole


def _read(path: Path) -> Snapshots:
    if not path.is_file():
        raise TrainingError(f"{path}: no such file (expected: a snapshot written by `clientele snapshot`)")
    meta = _sidecar(path)
    definitions = {feature["name"]: feature["definition"] for feature in meta["features"]}
    horizon = meta["horizon_days"]
    wanted = ["customer_id", "as_of", *definitions, *(LABELS if horizon is not None else ())]
    raw = _columns(path)
    missing = [name for name in wanted if name not in raw.columns]
    extra = [name for name in raw.columns if name not in wanted]
    if missing or extra:
        problems = [f"column {name!r} missing" for name in missing] + [f"unknown column {name!r}" for name in extra]
        raise TrainingError(f"{path}: {', '.join(problems)} (expected: the columns that {path}.meta.json names)")
    if raw.height == 0:
        raise TrainingError(f"{path}: no rows (expected: one per customer and cut-off)")
    try:
        frame = raw.select(
            pl.col("customer_id").cast(pl.String),
            _utc(raw["as_of"]),
            *(pl.col(name).cast(pl.Float64).fill_nan(None) for name in wanted[2:]),
        )
    except pl.exceptions.PolarsError as problem:
        raise TrainingError(
            f"{path}: {first_line(problem)} (expected: numbers, and UTC timestamps in as_of)"
        ) from problem
    for name in (*wanted[:2], *wanted[2 + len(definitions) :]):
        if frame[name].null_count():
            raise TrainingError(
                f"{path}: {frame[name].null_count()} rows have no {name} (expected: a value in every row)"
            )
    if horizon is not None and not frame["label_churned"].is_in([0.0, 1.0]).all():
        raise TrainingError(f"{path}: label_churned holds values other than 0 and 1 (expected: 0 or 1)")
    if horizon is not None and frame["label_spend"].min() < 0:
        raise TrainingError(f"{path}: label_spend holds values below 0 (expected: 0 or more)")
    for name in wanted[2:]:
        if not frame[name].drop_nulls().is_finite().all():
            raise TrainingError(f"{path}: {name} holds an infinite value (expected: finite numbers)")
    return Snapshots(frame, definitions, meta["catalog_hash"], horizon, (str(path),))


def _sidecar(path: Path) -> dict:
    sidecar = Path(f"{path}.meta.json")
    if not sidecar.is_file():
        raise TrainingError(f"{sidecar}: no such file (expected: the sidecar that `clientele snapshot` writes)")
    try:
        meta = json.loads(sidecar.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise TrainingError(f"{sidecar}: not JSON: {problem}") from problem
    for key in ("catalog_hash", "features", "horizon_days"):
        if not isinstance(meta, dict) or key not in meta:
            raise TrainingError(f"{sidecar}: no {key!r} (expected: catalog_hash, features, horizon_days)")
    features, horizon = meta["features"], meta["horizon_days"]
    if not isinstance(meta["catalog_hash"], str):
        raise TrainingError(f"{sidecar}: catalog_hash {meta['catalog_hash']!r} (expected: text)")
    if not isinstance(features, list) or not all(_is_feature(feature) for feature in features):
        raise TrainingError(f"{sidecar}: features (expected: a list of objects with the texts name and definition)")
    if horizon is not None and (type(horizon) is not int or horizon < 1):
        raise TrainingError(f"{sidecar}: horizon_days {horizon!r} (expected: days, 1 or more, or null)")
    return meta


def _is_feature(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(key), str) for key in ("name", "definition"))


def _columns(path: Path) -> pl.DataFrame:
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        if path.suffix == ".csv":
            return pl.read_csv(path, infer_schema=False)
    except pl.exceptions.PolarsError as problem:
        raise TrainingError(f"{path}: cannot be read: {first_line(problem)}") from problem
    raise TrainingError(f"{path}: unknown kind of file (expected: .csv or .parquet)")


def _utc(column: pl.Series) -> pl.Series:
    """`as_of` as a UTC timestamp, whether it came as text (2026-11-22T00:00:00Z, 2026-11-22 00:00:00) or as a time."""
    if column.dtype == pl.String:
        plain = column.str.replace("T", " ").str.replace(r"(Z|\+00(:?00)?)$", "")
        return plain.str.to_datetime(time_unit="ms").dt.replace_time_zone("UTC")
    if column.dtype.time_zone is None:
        column = column.dt.replace_time_zone("UTC")
    return column.dt.convert_time_zone("UTC").cast(pl.Datetime("ms", "UTC"))


def parse_time(text: str) -> datetime:
    """An ISO 8601 time in UTC, such as 1997-12-31T23:59:59.999Z.

    Raises:
        TrainingError: it is none, or has no time zone.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError as problem:
        raise TrainingError(f"{text!r} is no time (expected: such as 1997-12-31T23:59:59.999Z)") from problem
    if time.tzinfo is None:
        raise TrainingError(f"{text!r} has no time zone (expected: such as 1997-12-31T23:59:59.999Z)")
    return time.astimezone(UTC)
